import { createHistogram } from 'node:perf_hooks';
import type { ResultRecord } from '../http/record.ts';
import type { FetchErrorCode } from '../http/error.ts';
import { hostOf } from '../http/origin.ts';
import { HostCounter, type HostStats } from './host-stats.ts';
import type { FetchResult, ResponseResult } from '../http/result.ts';

/**
 * Running totals of a run, live or recorded. Add each result once; every figure is up to date at any time.
 * Memory does not grow with the number of results.
 */
export interface Stats {
  /** Adds one result, or the record of one. */
  add(result: FetchResult | ResultRecord): void;
  /** Number of results: {@link responses}, {@link failures} and {@link cancelled} together. */
  readonly count: number;
  /** Number of responses, whatever their status. */
  readonly responses: number;
  /** Number of requests that failed without a complete response. */
  readonly failures: number;
  /** Number of cancelled requests. */
  readonly cancelled: number;
  /** Number of responses with an expected status. */
  readonly ok: number;
  /** Number of responses by status. */
  readonly statuses: ReadonlyMap<number, number>;
  /** Number of responses that are not ok, by status. */
  readonly unexpected: ReadonlyMap<number, number>;
  /** Number of failures by error code. */
  readonly codes: ReadonlyMap<FetchErrorCode, number>;
  /** Body bytes after decoding. */
  readonly length: number;
  /** Body bytes as received. */
  readonly wireLength: number;
  /** Number of attempts beyond the first, over all requests. */
  readonly retries: number;
  /** Sum of the elapsed times in milliseconds: roughly how long the requests would take one at a time. */
  readonly elapsedMs: number;
  /** Sum of the elapsed times of the responses in milliseconds. */
  readonly answerMs: number;
  /** Longest time in milliseconds among the requests that {@link percentileMs} covers. */
  readonly longestMs: number;
  /**
   * Returns the time in milliseconds within which `percent` of the requests were done, exact to three digits; 0 if
   * there are none. Covers responses and failures that were attempted at least once. Times above one day count as
   * one day.
   *
   * @param percent from 0 to 100
   */
  percentileMs(percent: number): number;
  /** Totals by host, counted under the host of the requested URL and not under that of a redirect. */
  readonly hosts: HostStats;
}

/** Creates empty totals. */
export function createStats(): Stats {
  return new RunStats();
}

class RunStats implements Stats {
  count = 0;
  responses = 0;
  failures = 0;
  cancelled = 0;
  ok = 0;
  readonly statuses = new Map<number, number>();
  readonly unexpected = new Map<number, number>();
  readonly codes = new Map<FetchErrorCode, number>();
  length = 0;
  wireLength = 0;
  retries = 0;
  elapsedMs = 0;
  answerMs = 0;
  longestMs = 0;
  readonly hosts = new HostCounter();
  readonly #elapsed = createHistogram({ lowest: 1, highest: maxMicroseconds, figures: 3 });

  add(result: FetchResult | ResultRecord): void {
    this.count += 1;
    this.retries += Math.max(0, result.attempts - 1);
    this.elapsedMs += result.elapsedMs;
    if (result.kind === 'cancelled') {
      this.cancelled += 1;
      return;
    }
    this.length += result.length;
    this.wireLength += result.wireLength ?? 0;
    if (result.attempts > 0) this.#addElapsed(result.elapsedMs);
    if (result.kind === 'response') this.#addResponse(result);
    else this.#addFailure(result.error.code);
    const host = hostOf(result.url);
    if (host === undefined) return;
    this.hosts.add(host, result.ok, result.attempts > 0 ? result.elapsedMs : undefined, result.kind === 'response');
  }

  percentileMs(percent: number): number {
    const { count } = this.#elapsed;
    if (count === 0) return 0;
    // Node rounds the rank to the nearest request. Ask for a whole rank, so that at least `percent` are covered.
    const rank = Math.max(1, Math.ceil((percent / 100) * count));
    return Math.min(this.#elapsed.percentile((rank / count) * 100) / 1000, this.longestMs);
  }

  #addElapsed(elapsedMs: number): void {
    this.longestMs = Math.max(this.longestMs, elapsedMs);
    this.#elapsed.record(Math.min(Math.max(Math.round(elapsedMs * 1000), 1), maxMicroseconds));
  }

  #addResponse({ ok, status, elapsedMs }: Pick<ResponseResult, 'ok' | 'status' | 'elapsedMs'>): void {
    this.responses += 1;
    this.answerMs += elapsedMs;
    addOne(this.statuses, status);
    if (ok) this.ok += 1;
    else addOne(this.unexpected, status);
  }

  #addFailure(code: FetchErrorCode): void {
    this.failures += 1;
    addOne(this.codes, code);
  }
}

/** One day. */
const maxMicroseconds = 24 * 3600 * 1_000_000;

function addOne<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
