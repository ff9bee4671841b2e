import { FetchError } from '../error.ts';
import type { Flight } from '../flight.ts';
import type { ResolvedOptions } from '../options.ts';
import { isRedirect } from '../redirection.ts';
import type { FetchRequest } from '../request.ts';
import type { ResponseHeaders, Timings } from '../result.ts';
import type { Outcome } from '../send.ts';
import { BodyCollector, tooLarge } from './body-collector.ts';
import { isBodyless } from './bodyless.ts';

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
  leave(): void;
}

/** Where it is said what an exchange came to. Exactly one of the two is called, once. */
export interface ExchangeEvents {
  settled(outcome: Outcome): void;
  /** The flight was cancelled. */
  cancelled(reason: unknown): void;
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
 * settles once; a redirect settles at its head, and the rest of it is read in passing.
 */
export class Reception {
  readonly #request: FetchRequest;
  readonly #flight: Flight;
  readonly #options: ResolvedOptions;
  readonly #wire: Wire;
  readonly #events: ExchangeEvents;
  #isSettled = false;
  #timer: NodeJS.Timeout | undefined;
  #sentAt = 0;
  #headAt = 0;
  #interim = 0;
  #head: Head | undefined;
  #body: BodyCollector | undefined;
  #complete: 'framed' | 'unverified' = 'framed';
  /** What came of a redirect's body. */
  #drained = 0;
  #timings: Timings = {};

  constructor(request: FetchRequest, flight: Flight, options: ResolvedOptions, wire: Wire, events: ExchangeEvents) {
    this.#request = request;
    this.#flight = flight;
    this.#options = options;
    this.#wire = wire;
    this.#events = events;
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
    this.#flight.during(this.#stop);
    return !this.#isSettled;
  }

  /** The request goes out, on a connection that took so long to make. */
  sent(timings: Timings): void {
    this.#flight.hasSpoken = true;
    this.#timings = { ...timings };
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
    this.#timings.firstByte = this.#headAt - this.#sentAt;
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

  fail(error: FetchError): void {
    this.#settle(() =>
      this.#events.settled({
        kind: 'failure',
        error,
        length: this.#body?.length ?? 0,
        wireLength: this.wireLength,
        finalUrl: this.#url,
        redirects: 0,
        timings: this.#timings,
      }),
    );
  }

  /** Ends it on our side. */
  giveUp(error: FetchError): void {
    this.fail(error);
    this.#leave();
  }

  /** Ends it without an outcome: the request goes on elsewhere. */
  withdraw(): void {
    this.#settle(() => undefined);
  }

  readonly #stop = (reason: unknown): void => {
    const error = this.#flight.failureBy(reason);
    if (error) return this.giveUp(error);
    this.#settle(() => this.#events.cancelled(reason));
    this.#leave();
  };

  #passRedirect(): void {
    this.#succeed();
    // After it has settled, which stops the timer.
    this.#startTimer(maxRedirectBodyMs, 'TIMEOUT', '');
  }

  #startBody({ status, headers }: Head): void {
    const { maxBodyBytes } = this.#options;
    const encoding = headers['content-encoding'] as string | undefined;
    const declared = Number(headers['content-length'] ?? 0);
    if (!encoding && declared > maxBodyBytes && !isBodyless(this.#request.method, status)) {
      return this.giveUp(tooLarge(maxBodyBytes));
    }
    this.#body = new BodyCollector(encoding, this.#options, {
      onDrain: () => this.#wire.resume(),
      onEnd: () => this.#succeed(),
      onError: (error) => this.giveUp(error),
    });
  }

  #succeed(): void {
    if (this.#isSettled) return;
    this.#timings.download = performance.now() - this.#headAt;
    this.#settle(() =>
      this.#events.settled({
        kind: 'response',
        ...this.#head!,
        body: this.#body?.bytes(),
        length: this.#body?.length ?? 0,
        wireLength: this.wireLength,
        complete: this.#complete,
        finalUrl: this.#url,
        redirects: 0,
        timings: this.#timings,
      }),
    );
  }

  #settle(report: () => void): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    clearTimeout(this.#timer);
    this.#flight.over();
    this.#body?.destroy();
    report();
  }

  #leave(): void {
    clearTimeout(this.#timer);
    this.#wire.leave();
  }

  #startTimer(ms: number, code: 'HEADERS_TIMEOUT' | 'BODY_TIMEOUT' | 'TIMEOUT', what: string): void {
    clearTimeout(this.#timer);
    if (ms === Infinity) return;
    this.#timer = setTimeout(() => this.giveUp(new FetchError(code, `${what} within ${ms} ms`)), ms);
  }

  get #url(): string {
    return this.#request.host + this.#request.path;
  }
}
