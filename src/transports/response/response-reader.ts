import { FetchError } from '../../http/error.ts';
import type { Call, Stoppable } from '../../call/call.ts';
import type { TransportOptions } from '../options.ts';
import type { Done, Outcome } from '../../call/outcome.ts';
import { sentAgain, type BodyWriter } from '../../http/body-writer.ts';
import { continuationOf } from '../../http/range.ts';
import { isRedirect } from '../../http/redirect.ts';
import type { FetchRequest } from '../../http/request.ts';
import type { ResponseHeaders, Timings } from '../../http/result.ts';
import { BodyCollector, tooLarge, type BodyEvents, type BodySink } from './body-collector.ts';
import { isBodyless } from './framing.ts';

/** Interim responses (1xx) that a server may send before its own. */
const maxInterim = 20;
/** What is read of a redirect's body, so that its connection can be used again. */
const maxRedirectBodyBytes = 16 * 1024;
const maxRedirectBodyMs = 1000;

/** What a response comes over. */
export interface Wire {
  pause(): void;
  resume(): void;
  /** What is still to come is of no use to anybody. May be called again. */
  release(): void;
}

/** The head of a response. */
export interface Head {
  readonly status: number;
  readonly headers: ResponseHeaders;
  /** Every `Location` on its own. */
  readonly locations: readonly string[];
}

/**
 * The receiving of one response, whatever it comes over: its limits, in time and in bytes, and what it comes to. It
 * settles once, and tells so; a redirect settles at its head, and the rest of it is read in passing.
 */
export class ResponseReader implements BodyEvents, Stoppable {
  readonly #request: FetchRequest;
  readonly #call: Call;
  readonly #options: TransportOptions;
  readonly #wire: Wire;
  readonly #done: Done;
  #isSettled = false;
  #timer: NodeJS.Timeout | undefined;
  /** What it took to make the connection, if it was made for this. */
  #connecting: Timings | undefined;
  #sentAt = 0;
  #headAt = 0;
  #interim = 0;
  #head: Head | undefined;
  #body: BodyCollector | undefined;
  #complete: 'framed' | 'unverified' = 'framed';
  /** What came of a redirect's body. */
  #drained = 0;

  constructor(request: FetchRequest, call: Call, options: TransportOptions, wire: Wire, done: Done) {
    this.#request = request;
    this.#call = call;
    this.#options = options;
    this.#wire = wire;
    this.#done = done;
  }

  get isSettled(): boolean {
    return this.#isSettled;
  }

  get hasHead(): boolean {
    return this.#head !== undefined;
  }

  /** Body bytes that have come, as they came. */
  get wireLength(): number {
    return this.#body?.wireLength ?? 0;
  }

  /** From now on the flight stops this. False if it has been stopped already. */
  begin(): boolean {
    this.#call.begin(this);
    return !this.#isSettled;
  }

  /** The request goes out; on a connection that was made for it, which took so long. */
  sent(connecting: Timings | undefined): void {
    this.#call.mayHaveReachedServer = true;
    this.#connecting = connecting;
    this.#sentAt = performance.now();
    this.#startTimer(this.#options.headersTimeoutMs, 'HEADERS_TIMEOUT', 'No response head');
  }

  interim(): void {
    this.#interim += 1;
    if (this.#interim > maxInterim)
      this.giveUp(new FetchError('HTTP_PROTOCOL', 'The server sent too many 1xx responses'));
  }

  /** The head is here. */
  start(head: Head): void {
    if (this.#isSettled) return;
    this.#headAt = performance.now();
    clearTimeout(this.#timer);
    this.#head = head;
    if (this.#options.maxRedirects > 0 && isRedirect(head.status, head.locations)) return this.#passRedirect();
    this.#startTimer(this.#options.idleTimeoutMs, 'BODY_TIMEOUT', 'No more of the body came');
    this.#startBody(head);
  }

  /** Some of the body is here. */
  data(chunk: Uint8Array): void {
    if (this.#isSettled) {
      this.#drained += chunk.length;
      if (this.#drained > maxRedirectBodyBytes) this.#leave();
      return;
    }
    if (this.#options.idleTimeoutMs !== Infinity) this.#timer?.refresh();
    if (!this.#body!.write(chunk)) this.#wire.pause();
  }

  /** All of the body has come; `complete` says whether the protocol proved it. */
  end(complete: 'framed' | 'unverified'): void {
    clearTimeout(this.#timer);
    if (this.#isSettled) return;
    this.#complete = complete;
    this.#body!.end();
  }

  /** Ends it on our side. */
  giveUp(error: FetchError): void {
    if (this.#isSettled) return this.#leave();
    this.#close();
    this.#call.abortWriter(error);
    const failure = this.#failure(error);
    // Before it is told: whoever hears it may want what this still holds.
    this.#leave();
    this.#done(failure);
  }

  /** Ends it without an outcome: the request goes on elsewhere. */
  withdraw(): void {
    this.#close();
  }

  stop(reason: unknown): void {
    const outcome = this.#call.outcomeOfStop(reason);
    if (outcome.kind === 'failure') return this.giveUp(outcome.error);
    this.#close();
    this.#call.abortWriter(reason);
    this.#leave();
    this.#done(outcome);
  }

  onDrain(): void {
    this.#wire.resume();
  }

  onEnd(): void {
    this.#succeed();
  }

  onError(error: FetchError): void {
    this.giveUp(error);
  }

  #passRedirect(): void {
    this.#succeed();
    // After it has settled, which stops the timer.
    this.#startTimer(maxRedirectBodyMs, 'TIMEOUT', '');
  }

  /** The writer of an earlier attempt has to go: this response takes its place. */
  #openSink({ status, headers }: Head): BodySink {
    const { isExpected } = this.#options;
    const responseBody = this.#request.receiver ?? this.#options.responseBody;
    if (typeof responseBody === 'string') return responseBody;
    this.#call.abortWriter(sentAgain);
    const { url, method, id, bodyHash, part } = this.#request;
    const continuation = part && continuationOf(part, status, headers);
    if (continuation?.kind === 'discard') return 'discard';
    const isWhole = continuation?.kind === 'complete';
    const continueAt = continuation?.kind === 'append' ? continuation.at : isWhole ? part?.length : undefined;
    const finalStatus = continueAt === undefined ? status : 200;
    const about = { index: this.#call.index, url, method, id, bodyHash, finalUrl: this.#url, headers, continueAt };
    const head = { ...about, status: finalStatus, ok: isExpected(finalStatus) };
    const sink = responseBody(head, { drain: () => this.#body?.drain(), fail: (error) => this.giveUp(error) });
    if (typeof sink === 'string') return sink;
    this.#call.writer = sink;
    // The body of a 416 is a message, and no part of the body.
    return isWhole ? withoutBytes(sink) : sink;
  }

  #startBody(head: Head): void {
    const { status, headers } = head;
    const { maxBodyBytes } = this.#options;
    const encoding = headers['content-encoding'] as string | undefined;
    const declared = Number(headers['content-length'] ?? 0);
    if (!encoding && declared > maxBodyBytes && !isBodyless(this.#request.method, status)) {
      return this.giveUp(tooLarge(maxBodyBytes));
    }
    const sink = this.#openSink(head);
    if (!this.#isSettled) this.#body = new BodyCollector(encoding, sink, maxBodyBytes, this);
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
    });
  }

  #failure(error: FetchError): Outcome {
    return {
      kind: 'failure',
      error,
      length: this.#body?.length ?? 0,
      wireLength: this.wireLength,
      finalUrl: this.#url,
      redirects: 0,
      timings: this.#timings(undefined),
    };
  }

  /** It has settled, and is about to say so. */
  #close(): void {
    this.#isSettled = true;
    clearTimeout(this.#timer);
    this.#call.end();
    this.#body?.destroy();
  }

  #leave(): void {
    clearTimeout(this.#timer);
    this.#wire.release();
  }

  #startTimer(ms: number, code: 'HEADERS_TIMEOUT' | 'BODY_TIMEOUT' | 'TIMEOUT', what: string): void {
    clearTimeout(this.#timer);
    if (ms === Infinity) return;
    this.#timer = setTimeout(() => this.giveUp(new FetchError(code, `${what} within ${ms} ms`)), ms);
  }

  #timings(endedAt: number | undefined): Timings {
    const firstByte = this.#headAt - this.#sentAt;
    // What most come to, without a detour.
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

function withoutBytes(writer: BodyWriter): BodyWriter {
  return {
    write: () => true,
    end: () => writer.end(),
    commit: () => writer.commit(),
    abort: (reason) => writer.abort(reason),
  };
}
