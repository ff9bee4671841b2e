import { shown } from '../../check.ts';
import { FetchError } from '../../http/error.ts';
import type { Call, Stoppable } from '../../call/call.ts';
import type { TransportOptions } from '../options.ts';
import type { Done, Outcome } from '../../call/outcome.ts';
import { sentAgain, type BodyReceiver, type BodyWriter, type ResponseHead } from '../../http/body-writer.ts';
import { continuationOf } from '../../http/range.ts';
import type { WireHead } from '../../http/exchange-archive.ts';
import { hookError } from '../../http/own-function.ts';
import { isRedirect } from '../../http/redirect.ts';
import type { FetchRequest } from '../../http/request.ts';
import type { ResponseHeaders, Timings } from '../../http/result.ts';
import type { BodyBudget, BufferedBody } from './body-budget.ts';
import { BodyCollector, tooLarge, type BodyEvents, type BodySink } from './body-collector.ts';
import { BodyMatcher } from './body-matcher.ts';
import { forwardedError } from './exchange-error.ts';
import { isBodyless } from './framing.ts';

/** The most interim responses (1xx) before a response. */
const maxInterim = 20;
/** Bytes of a redirect's body that are read, and milliseconds that this may take, to reuse its connection. */
const maxRedirectBodyBytes = 16 * 1024;
const maxRedirectBodyMs = 1000;

/** The connection or stream that a response comes over. */
export interface Wire {
  pause(): void;
  resume(): void;
  /** Gives up whatever is still to come. May be called again. */
  release(): void;
}

/** A response's head. */
export interface Head {
  readonly status: number;
  readonly headers: ResponseHeaders;
  /** Every `Location` field, not joined. */
  readonly locations: readonly string[];
  /** True if the content coding of the body has been undone already. */
  readonly isDecoded?: boolean;
}

/** The means of a {@link ResponseReader}: its limits, and where its bytes come from. */
export interface ReaderMeans {
  readonly options: TransportOptions;
  readonly budget: BodyBudget;
  readonly wire: Wire;
  /** Name of the proxy, if there is one. */
  readonly proxy?: string | undefined;
  /** True if that proxy forwards the request, and sends the response itself. */
  readonly isForwarded?: boolean | undefined;
}

/**
 * Reads one response, over any transport: enforces its limits in time and in bytes and reports its outcome, once. A
 * redirect settles at its head; its body is read in passing.
 */
export class ResponseReader implements BodyEvents, BufferedBody, Stoppable {
  readonly #request: FetchRequest;
  readonly #call: Call;
  readonly #options: TransportOptions;
  readonly #budget: BodyBudget;
  readonly #wire: Wire;
  readonly #proxy: string | undefined;
  readonly #isForwarded: boolean;
  readonly #done: Done;
  #isSettled = false;
  #timer: NodeJS.Timeout | undefined;
  /** Duration of opening the connection, if it was opened for this request. */
  #connecting: Timings | undefined;
  #sentAt = 0;
  #headAt = 0;
  #interim = 0;
  #head: Head | undefined;
  #body: BodyCollector | undefined;
  #complete: 'framed' | 'unverified' = 'framed';
  /** Bytes read of a redirect's body. */
  #drained = 0;
  /** True while the body of a redirect is read for an archive, before the redirect settles. */
  #isPassing = false;
  /** The reasons to pause the wire. */
  #isSinkFull = false;
  #isArchiveFull = false;
  #isOverBudget = false;

  constructor(request: FetchRequest, call: Call, means: ReaderMeans, done: Done) {
    this.#request = request;
    this.#call = call;
    this.#options = means.options;
    this.#budget = means.budget;
    this.#wire = means.wire;
    this.#proxy = means.proxy;
    this.#isForwarded = means.isForwarded === true;
    this.#done = done;
  }

  get isSettled(): boolean {
    return this.#isSettled;
  }

  get hasHead(): boolean {
    return this.#head !== undefined;
  }

  /** Body bytes received, before decoding. */
  get wireLength(): number {
    return this.#body?.wireLength ?? this.#drained;
  }

  /** Registers with the call, which can stop this from now on. Returns false if it was stopped already. */
  begin(): boolean {
    this.#call.begin(this);
    return !this.#isSettled;
  }

  /** Notes that the request is sent, and how long its connection took to open if that was for this request. */
  sent(connecting: Timings | undefined): void {
    this.#call.mayHaveReachedServer = true;
    this.#connecting = connecting;
    this.#sentAt = performance.now();
    this.#startTimer(this.#options.headersTimeoutMs, 'HEADERS_TIMEOUT', 'No response head arrived');
  }

  /** Counts an interim response (1xx). */
  interim(): void {
    this.#interim += 1;
    if (this.#interim > maxInterim)
      this.giveUp(new FetchError('HTTP_PROTOCOL', 'The server sent too many 1xx responses'));
  }

  /** Shows the head to the keeper of the exchange, as it was received. */
  observe(head: WireHead): void {
    if (!this.#isSettled) this.#request.keeper?.begin(head, () => this.#onArchiveRoom());
  }

  /** Takes the head. */
  start(head: Head): void {
    if (this.#isSettled) return;
    this.#headAt = performance.now();
    clearTimeout(this.#timer);
    this.#head = head;
    if (this.#options.maxRedirects > 0 && isRedirect(head.status, head.locations)) return this.#passRedirect();
    this.#startIdleTimer();
    this.#startBody(head);
  }

  /** Takes a piece of the body. */
  data(chunk: Uint8Array): void {
    if (this.#isSettled || this.#isPassing) return this.#drain(chunk);
    if (this.#options.idleTimeoutMs !== Infinity && !this.#isPaused) this.#timer?.refresh();
    if (this.#request.keeper?.take(chunk) === false) this.#isArchiveFull = true;
    if (!this.#body!.write(chunk)) this.#isSinkFull = true;
    if ((this.#isArchiveFull || this.#isSinkFull) && !this.#isSettled) this.#pause();
  }

  /** Ends the body. `complete` tells whether the protocol proved that it is whole. */
  end(complete: 'framed' | 'unverified'): void {
    clearTimeout(this.#timer);
    if (this.#isSettled) return;
    this.#complete = complete;
    if (this.#isPassing) this.#succeed();
    else this.#body!.end();
  }

  /** Fails with an error of our own finding. */
  giveUp(error: FetchError): void {
    if (this.#isPassing && !this.#isSettled) return this.#cutRedirect('time');
    this.#fail(error);
  }

  #fail(error: FetchError): void {
    if (this.#isSettled) return this.#release();
    this.#close();
    this.#call.abortWriter(error);
    const failure = this.#failure(error);
    // First, because the file descriptor of this connection may be needed once the failure is known.
    this.#release();
    this.#done(failure);
  }

  /** Ends without an outcome, because the request continues elsewhere. */
  withdraw(): void {
    this.#close();
  }

  stop(reason: unknown): void {
    const outcome = this.#call.outcomeOfStop(reason);
    if (outcome.kind === 'failure') return this.#fail(outcome.error);
    this.#close();
    this.#call.abortWriter(reason);
    this.#release();
    this.#done(outcome);
  }

  get isAwaited(): boolean {
    return this.#call.isAwaited();
  }

  onDrain(): void {
    this.#isSinkFull = false;
    this.#resume();
  }

  onKept(bytes: number): void {
    if (this.#budget.grow(this, bytes) || this.#isOverBudget) return;
    this.#isOverBudget = true;
    this.#body?.pause();
    this.#pause();
  }

  proceed(): void {
    this.#isOverBudget = false;
    this.#body?.resume();
    this.#resume();
  }

  onEnd(): void {
    this.#succeed();
  }

  onError(error: FetchError): void {
    this.giveUp(error);
  }

  /** An archive gets the body of a redirect too, so then it settles at its end. */
  #passRedirect(): void {
    if (this.#request.keeper) this.#isPassing = true;
    else this.#succeed();
    // Last, because settling stops the timer.
    this.#startTimer(maxRedirectBodyMs, 'TIMEOUT', '');
  }

  /** Reads some of a redirect's body, so that its connection can be used again. */
  #drain(chunk: Uint8Array): void {
    this.#drained += chunk.length;
    // The little that is read needs no room.
    if (this.#isPassing && !this.#isSettled) this.#request.keeper?.take(chunk);
    if (this.#drained <= maxRedirectBodyBytes) return;
    if (this.#isSettled) this.#release();
    else this.#cutRedirect('length');
  }

  #cutRedirect(reason: 'length' | 'time'): void {
    this.#request.keeper?.cut(reason);
    this.#succeed();
    this.#release();
  }

  #onArchiveRoom(): void {
    this.#isArchiveFull = false;
    this.#resume();
  }

  get #isPaused(): boolean {
    return this.#isSinkFull || this.#isArchiveFull || this.#isOverBudget;
  }

  /** Reads no more for now. The delay is ours, not the server's. */
  #pause(): void {
    if (this.#options.idleTimeoutMs !== Infinity) clearTimeout(this.#timer);
    this.#wire.pause();
  }

  #resume(): void {
    if (this.#isPaused) return;
    if (!this.#isSettled && !this.#isPassing) this.#startIdleTimer();
    this.#wire.resume();
  }

  /** The writer of an earlier attempt has to go: this response takes its place. */
  #openSink({ status, headers }: Head): BodySink {
    const isExpected = this.#request.limits?.isExpected ?? this.#options.isExpected;
    const responseBody = this.#request.receiver ?? this.#options.responseBody;
    if (responseBody === 'buffer') return responseBody;
    this.#call.abortWriter(sentAgain);
    if (responseBody === 'discard') return this.#watched('discard', headers);
    const { url, method, id, bodyHash, part, limits, entry } = this.#request;
    const continuation = part && continuationOf(part, status, headers);
    if (continuation?.kind === 'discard') return 'discard';
    const isWhole = continuation?.kind === 'complete';
    const continueAt = continuation?.kind === 'append' ? continuation.at : isWhole ? part?.length : undefined;
    const finalStatus = continueAt === undefined ? status : 200;
    const about = { index: this.#call.index, url, method, id, bodyHash, finalUrl: this.#url, headers, continueAt };
    const { file: wantedFile, sha256: wantedSha256, checksums: wantedChecksums } = limits ?? {};
    const wanted = { line: entry?.line, input: entry?.input, wantedFile, wantedSha256, wantedChecksums };
    const headOf = (): ResponseHead => ({ ...about, ...wanted, status: finalStatus, ok: isExpected(finalStatus) });
    const sink = this.#watched(this.#receive(responseBody, headOf), headers);
    if (typeof sink === 'string') return sink;
    this.#call.writer = sink;
    // The body of a 416 is a message, and no part of the body.
    return isWhole ? withoutBytes(sink) : sink;
  }

  /** Has a body that is not kept in memory searched on its way, if something is expected in it. */
  #watched(sink: BodySink, headers: ResponseHeaders): BodySink {
    const pattern = this.#options.expectations?.body;
    if (pattern === undefined || sink === 'buffer') return sink;
    const inner = typeof sink === 'string' ? undefined : sink;
    const matcher = new BodyMatcher(pattern, headers['content-type'] as string | undefined, inner);
    this.#call.writer = matcher;
    return matcher;
  }

  /** A function of the caller's that throws fails its own request, and no other. */
  #receive(receiver: BodyReceiver, headOf: () => ResponseHead): BodySink {
    try {
      const control = { drain: () => this.#body?.drain(), fail: (error: FetchError) => this.giveUp(error) };
      return requireSink(receiver(headOf(), control));
    } catch (cause) {
      this.giveUp(cause instanceof FetchError ? cause : hookError(`The function 'responseBody'`, cause));
      return 'discard';
    }
  }

  #startBody(head: Head): void {
    const { status, headers, isDecoded } = head;
    const maxBodyBytes = this.#request.limits?.maxBodyBytes ?? this.#options.maxBodyBytes;
    const encoding = headers['content-encoding'] as string | undefined;
    const declared = Number(headers['content-length'] ?? 0);
    if (!encoding && declared > maxBodyBytes && !isBodyless(this.#request.method, status)) {
      return this.giveUp(tooLarge(maxBodyBytes));
    }
    const sink = this.#openSink(head);
    if (!this.#isSettled) this.#body = new BodyCollector(isDecoded ? undefined : encoding, sink, maxBodyBytes, this);
  }

  #succeed(): void {
    if (this.#isSettled) return;
    this.#close();
    const { status, headers, locations } = this.#head!;
    this.#done({
      kind: 'response',
      status,
      headers,
      locations,
      body: this.#body?.bytes(),
      writer: this.#call.writer,
      length: this.#body?.length ?? 0,
      wireLength: this.wireLength,
      complete: this.#complete,
      finalUrl: this.#url,
      redirects: 0,
      timings: this.#timings(performance.now()),
      proxy: this.#proxy,
    });
  }

  #failure(error: FetchError): Outcome {
    return {
      kind: 'failure',
      error: this.#isForwarded ? forwardedError(error, this.#proxy!) : error,
      length: this.#body?.length ?? 0,
      wireLength: this.wireLength,
      finalUrl: this.#url,
      redirects: 0,
      timings: this.#timings(undefined),
      proxy: this.#proxy,
    };
  }

  /** Settles. The outcome is reported next. */
  #close(): void {
    this.#isSettled = true;
    clearTimeout(this.#timer);
    this.#call.end();
    this.#body?.destroy();
    const keptBytes = this.#body?.keptBytes ?? 0;
    if (keptBytes > 0) this.#budget.remove(this, keptBytes);
  }

  #release(): void {
    clearTimeout(this.#timer);
    this.#wire.release();
  }

  #startIdleTimer(): void {
    this.#startTimer(this.#options.idleTimeoutMs, 'BODY_TIMEOUT', 'No more of the body arrived');
  }

  #startTimer(ms: number, code: 'HEADERS_TIMEOUT' | 'BODY_TIMEOUT' | 'TIMEOUT', missing: string): void {
    clearTimeout(this.#timer);
    if (ms === Infinity) return;
    this.#timer = setTimeout(() => this.giveUp(new FetchError(code, `${missing} within ${ms} ms`)), ms);
  }

  #timings(endedAt: number | undefined): Timings {
    const firstByte = this.#headAt - this.#sentAt;
    // Fast path: a reused connection and a complete response.
    if (endedAt !== undefined && this.#connecting === undefined) {
      return { queue: 0, firstByte, download: endedAt - this.#headAt };
    }
    return {
      ...this.#connecting,
      ...(this.#headAt > 0 && { firstByte }),
      ...(endedAt !== undefined && { download: endedAt - this.#headAt }),
    };
  }

  get #url(): string {
    return this.#request.origin + this.#request.path;
  }
}

/** A receiver may have been written in JavaScript. */
function requireSink(sink: BodySink): BodySink {
  if (sink === 'buffer' || sink === 'discard' || typeof sink?.write === 'function') return sink;
  throw new TypeError(`it returned ${shown(sink)} in place of 'buffer', 'discard' or a writer`);
}

function withoutBytes(writer: BodyWriter): BodyWriter {
  return {
    write: () => true,
    end: () => writer.end(),
    commit: () => writer.commit(),
    abort: (reason) => writer.abort(reason),
  };
}
