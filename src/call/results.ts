import { decodeText } from '../http/body-text.ts';
import { FetchError } from '../http/error.ts';
import type { ListEntry } from '../http/list-entry.ts';
import type { Call, Order } from './call.ts';
import type { FailureOutcome, ResponseOutcome } from './outcome.ts';
import type { InvalidRequest, VisibleRequest } from '../http/request.ts';
import type {
  CancelledResult,
  FailureResult,
  ResponseHeaders,
  ResponseResult,
  ResultBase,
  Timings,
} from '../http/result.ts';

/** The result of a request that was answered. */
export class ReceivedResponse implements ResponseResult {
  readonly kind = 'response';
  readonly index: number;
  readonly url: string;
  readonly method: string;
  readonly ok: boolean;
  readonly status: number;
  readonly length: number;
  readonly wireLength: number;
  readonly elapsedMs: number;
  readonly attempts: number;
  readonly complete: 'framed' | 'unverified';
  readonly finalUrl: string;
  readonly redirects: number;
  readonly headers: ResponseHeaders;
  readonly timingsMs: Timings;
  readonly at: string;
  declare readonly id?: string;
  declare readonly bodyHash?: string;
  declare readonly input?: Readonly<Record<string, unknown>>;
  declare readonly line?: number;
  declare readonly source?: string;
  readonly #body: Uint8Array | undefined;

  constructor(call: Call, outcome: ResponseOutcome, ok: boolean) {
    const { request, index } = call.order;
    const now = performance.now();
    this.index = index;
    this.url = request.url;
    this.method = request.method;
    this.ok = ok;
    this.status = outcome.status;
    this.length = outcome.length;
    this.wireLength = outcome.wireLength;
    this.elapsedMs = elapsedMs(call, now);
    this.attempts = call.attempts;
    this.complete = outcome.complete;
    this.finalUrl = outcome.finalUrl;
    this.redirects = outcome.redirects;
    this.headers = outcome.headers;
    this.timingsMs = outcome.timings;
    this.timingsMs.queue = call.queuedMs(now);
    this.at = isoTime(call.startedDate);
    if (request.id !== undefined) this.id = request.id;
    if (request.bodyHash !== undefined) this.bodyHash = request.bodyHash;
    if (request.entry !== undefined) Object.assign(this, request.entry);
    this.#body = outcome.body;
  }

  bytes(): Uint8Array {
    if (!this.#body)
      throw new TypeError(`Cannot read the body of ${this.url} as it was not kept: 'responseBody' is 'discard'`);
    return this.#body;
  }

  text(): string {
    return decodeText(this.bytes(), this.headers['content-type'] as string | undefined);
  }

  json(): unknown {
    return JSON.parse(this.text());
  }
}

/** The result of a request that brought no whole, valid response. */
export function failureResult(call: Call, outcome: FailureOutcome): FailureResult {
  const { error, length, wireLength, finalUrl, redirects, timings } = outcome;
  const received = finalUrl === undefined ? {} : { wireLength, finalUrl, redirects };
  return { ...settled(call, timings), kind: 'failure', ok: false, length, ...received, error };
}

/** The result of a request that was stopped on its way. */
export function cancelledResult(call: Call): CancelledResult {
  return { ...settled(call, {}), kind: 'cancelled', ok: false, error: aborted(call.reason) };
}

/** The result of a request that was stopped before it was sent. */
export function withdrawnResult({ request, index, since }: Order, reason: unknown): CancelledResult {
  const timingsMs = { queue: performance.now() - since };
  const never = { ...neverSent(request, index), timingsMs };
  return { ...never, kind: 'cancelled', ok: false, error: aborted(reason) };
}

/** The result of an input that cannot be sent. */
export function invalidResult(request: InvalidRequest, index: number): FailureResult {
  return { ...neverSent(request, index), kind: 'failure', ok: false, length: 0, error: request.error };
}

function aborted(cause: unknown): FetchError {
  return new FetchError('ABORTED', 'Stopped before it was done', { cause });
}

function neverSent(request: VisibleRequest, index: number): ResultBase {
  const { url, method } = request;
  return { index, url, method, elapsedMs: 0, attempts: 0, timingsMs: {}, ...marks(request) };
}

function settled(call: Call, timings: Timings): ResultBase {
  const { attempts, startedDate } = call;
  const { request, index } = call.order;
  const now = performance.now();
  return {
    index,
    url: request.url,
    method: request.method,
    elapsedMs: elapsedMs(call, now),
    attempts,
    timingsMs: { queue: call.queuedMs(now), ...timings },
    at: isoTime(startedDate),
    ...marks(request),
  };
}

/** What a request may have to be known by, besides its URL. */
function marks({ id, bodyHash, entry }: VisibleRequest): Pick<ResultBase, 'id' | 'bodyHash' | keyof ListEntry> {
  return { ...(id === undefined ? {} : { id }), ...(bodyHash === undefined ? {} : { bodyHash }), ...entry };
}

/** From the first dispatch on, but for what it then waited in our own queue. */
function elapsedMs(call: Call, now: number): number {
  return now - call.startedAt - call.requeuedMs(now);
}

let lastTime = Number.NaN;
let lastIsoTime = '';

/** Many requests start within the same millisecond, and the text takes longer to make than all else in a result. */
function isoTime(milliseconds: number): string {
  if (milliseconds !== lastTime) {
    lastTime = milliseconds;
    lastIsoTime = new Date(milliseconds).toISOString();
  }
  return lastIsoTime;
}
