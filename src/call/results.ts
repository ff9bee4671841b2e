import { decodeText } from '../http/body-text.ts';
import { missedBy, type Expectations } from '../http/expectations.ts';
import { FetchError } from '../http/error.ts';
import type { ArchivePlace } from '../http/exchange-archive.ts';
import type { ListEntry } from '../http/list-entry.ts';
import type { Call } from './call.ts';
import type { FailureOutcome, ResponseOutcome } from './outcome.ts';
import { visibleRequest, type InvalidRequest, type RequestInput, type VisibleRequest } from '../http/request.ts';
import type {
  CancelledResult,
  FailureResult,
  Missed,
  ResponseHeaders,
  ResponseResult,
  ResultBase,
  Timings,
} from '../http/result.ts';

/** The result of a request that got a whole, valid response. */
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
  declare readonly at?: string;
  declare readonly id?: string;
  declare readonly proxy?: string;
  declare readonly bodyHash?: string;
  declare readonly headersHash?: string;
  declare readonly from?: number;
  declare readonly followed?: readonly string[];
  declare readonly input?: Readonly<Record<string, unknown>>;
  declare readonly line?: number;
  declare readonly source?: string;
  declare readonly resumedFrom?: number;
  declare readonly warc?: ArchivePlace;
  declare readonly file?: string;
  declare readonly sha256?: string;
  declare readonly deduplicated?: true;
  declare readonly unchanged?: true;
  declare readonly bodyEncoding?: 'text' | 'json' | 'base64';
  declare readonly body?: string;
  declare readonly bodyOmitted?: 'size';
  declare readonly mediaType?: string;
  declare readonly etag?: string;
  declare readonly lastModified?: string;
  declare readonly unexpected?: readonly Missed[];
  readonly #body: Uint8Array | undefined;

  constructor(call: Call, outcome: ResponseOutcome, ok: boolean, expectations?: Expectations) {
    const { request, index } = call;
    const now = call.queue.clock.now();
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
    // A body that is at hand already is a result without a request.
    if (call.attempts > 0) this.at = isoTime(dateOf(call.startedAt, now));
    if (request.id !== undefined) this.id = request.id;
    if (outcome.proxy !== undefined) this.proxy = outcome.proxy;
    if (request.bodyHash !== undefined) this.bodyHash = request.bodyHash;
    if (request.headersHash !== undefined) this.headersHash = request.headersHash;
    const { 'content-type': contentType, etag, 'last-modified': lastModified } = outcome.headers;
    if (typeof contentType === 'string') this.mediaType = mediaTypeOf(contentType);
    if (typeof etag === 'string') this.etag = etag;
    if (typeof lastModified === 'string') this.lastModified = lastModified;
    if (outcome.resumedFrom !== undefined) this.resumedFrom = outcome.resumedFrom;
    if (outcome.warc !== undefined) this.warc = outcome.warc;
    if (outcome.fields !== undefined) Object.assign(this, outcome.fields);
    if (request.entry !== undefined) Object.assign(this, request.entry);
    this.#body = outcome.body;
    if (expectations !== undefined) this.#judge(outcome, expectations);
  }

  #judge({ headers, body, bodyMatches, fields }: ResponseOutcome, expectations: Expectations): void {
    const isUnchanged = fields?.unchanged === true;
    const judged = { headers, elapsedMs: this.elapsedMs, body, bodyMatches, isUnchanged };
    const missed = missedBy(judged, expectations);
    if (missed !== undefined) Object.assign(this, { ok: false, unexpected: missed });
  }

  bytes(): Uint8Array {
    if (!this.#body) throw new TypeError(`Cannot read the body of ${this.url} as 'responseBody' did not keep it`);
    return this.#body;
  }

  text(): string {
    return decodeText(this.bytes(), this.headers['content-type'] as string | undefined);
  }

  json(): unknown {
    return JSON.parse(this.text());
  }
}

function mediaTypeOf(contentType: string): string {
  const end = contentType.indexOf(';');
  return (end < 0 ? contentType : contentType.slice(0, end)).trim().toLowerCase();
}

/** Makes the result of a request that got no whole, valid response. */
export function failureResult(call: Call, outcome: FailureOutcome): FailureResult {
  const { length, wireLength, finalUrl, redirects, timings } = outcome;
  const received = finalUrl === undefined ? {} : { wireLength, finalUrl, redirects };
  const through = outcome.proxy === undefined ? {} : { proxy: outcome.proxy };
  const error = outcome.error.forRequest(call.request.url, call.index);
  return { ...startedBase(call, timings), kind: 'failure', ok: false, length, ...received, ...through, error };
}

/** Makes the result of a call that was cancelled, before its start or after it. */
export function cancelledResult(call: Call, reason: unknown): CancelledResult {
  const { request, index, queue } = call;
  const base = call.hasStarted
    ? startedBase(call, {})
    : { ...unsentBase(request, index), timingsMs: { queue: call.queuedMs(queue.clock.now()) } };
  const options = { cause: reason, url: request.url, index };
  return {
    ...base,
    kind: 'cancelled',
    ok: false,
    error: new FetchError('ABORTED', 'Cancelled before it was done', options),
  };
}

/** Makes the result of a call that has never started because its host is given up. */
export function rejectedResult(call: Call, error: FetchError): FailureResult {
  const { request, index, queue } = call;
  const timingsMs = { queue: call.queuedMs(queue.clock.now()) };
  const ownError = error.forRequest(request.url, index);
  return { ...unsentBase(request, index), timingsMs, kind: 'failure', ok: false, length: 0, error: ownError };
}

/** Makes the result of an input that was read, or could have been, but not started before the run ended. */
export function unstartedResult(input: RequestInput, index: number): CancelledResult {
  const request = visibleRequest(input);
  const error = new FetchError('ABORTED', 'Not started before the run ended', { url: request.url, index });
  return { ...unsentBase(request, index), kind: 'cancelled', ok: false, error };
}

/** Makes the result of an input that cannot be sent. */
export function invalidResult(request: InvalidRequest, index: number): FailureResult {
  const error = request.error.forRequest(request.url, index);
  return { ...unsentBase(request, index), kind: 'failure', ok: false, length: 0, error };
}

function unsentBase(request: VisibleRequest, index: number): ResultBase {
  const { url, method } = request;
  return { index, url, method, elapsedMs: 0, attempts: 0, timingsMs: {}, ...optionalFields(request) };
}

function startedBase(call: Call, timings: Timings): ResultBase {
  const { request, index, attempts, startedAt } = call;
  const now = call.queue.clock.now();
  return {
    index,
    url: request.url,
    method: request.method,
    elapsedMs: elapsedMs(call, now),
    attempts,
    timingsMs: { queue: call.queuedMs(now), ...timings },
    at: isoTime(dateOf(startedAt, now)),
    ...optionalFields(request),
  };
}

type OptionalFields = Pick<ResultBase, 'id' | 'bodyHash' | 'headersHash' | keyof ListEntry>;

function optionalFields({ id, bodyHash, headersHash, entry }: VisibleRequest): OptionalFields {
  return {
    ...(id === undefined ? {} : { id }),
    ...(bodyHash === undefined ? {} : { bodyHash }),
    ...(headersHash === undefined ? {} : { headersHash }),
    ...entry,
  };
}

/** Returns the milliseconds since the first dispatch, without the time in our own queue. */
function elapsedMs(call: Call, now: number): number {
  return now - call.startedAt - call.requeuedMs(now);
}

let anchorMs = Number.NaN;
let anchorUsedAt = -Infinity;

/**
 * Turns a time of `performance.now()` into milliseconds since 1970. All starts are dated from one reading of the
 * system's clock, so that a clock that is set during a run changes none of them. An idle minute ends the use of that
 * reading.
 */
function dateOf(startedAt: number, now: number): number {
  if (!(now - anchorUsedAt <= maxAnchorIdleMs && now >= anchorUsedAt)) anchorMs = Date.now() - now;
  anchorUsedAt = now;
  return Math.round(anchorMs + startedAt);
}

const maxAnchorIdleMs = 60_000;

let lastTime = Number.NaN;
let lastIsoTime = '';

/**
 * Formats a time as ISO 8601. The last text is kept: many requests start in one millisecond, and formatting costs more
 * than the rest of a result.
 */
function isoTime(milliseconds: number): string {
  if (milliseconds !== lastTime) {
    lastTime = milliseconds;
    lastIsoTime = new Date(milliseconds).toISOString();
  }
  return lastIsoTime;
}
