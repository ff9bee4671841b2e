// The package's own entry would load its WebAssembly and its log formats too: 28 ms of every start, against 4 ms.
import { constructorFromBucketSize } from 'hdr-histogram-js/dist/JsHistogramFactory.js';
import type { ResultRecord } from '../http/record.ts';
import type { FetchErrorCode } from '../http/error.ts';
import { hostOf } from '../http/origin.ts';
import { HostCounter, type HostStats } from './host-stats.ts';
import type { FetchResult } from '../http/result.ts';

/** What a run, or a recorded one, came to so far. Its memory does not grow with the number of results. */
export interface Stats {
  /** Takes one result, or the record of one. */
  add(result: FetchResult | ResultRecord): void;
  /** All results; the sum of the three below. */
  readonly count: number;
  readonly responses: number;
  readonly failures: number;
  readonly cancelled: number;
  /** Responses whose status was expected. */
  readonly ok: number;
  /** How many responses had each status. */
  readonly statuses: ReadonlyMap<number, number>;
  /** The same, of those responses only that are not ok. */
  readonly unexpected: ReadonlyMap<number, number>;
  /** How many failures had each code. */
  readonly codes: ReadonlyMap<FetchErrorCode, number>;
  /** Body bytes after decoding. */
  readonly length: number;
  /** Body bytes as received. */
  readonly wireLength: number;
  /** Tries beyond the first of each request. */
  readonly retries: number;
  /** How long all requests took together: about what they would have taken one by one. */
  readonly elapsedMs: number;
  /** The longest time of those that {@link percentileMs} looks at. */
  readonly longestMs: number;
  /** The time that so many percent of the responses and failures that were tried took at most; 0 if there are none. */
  percentileMs(percent: number): number;
  /** The same by host, of responses and failures: by the host that was asked first, whoever answered in the end. */
  readonly hosts: HostStats;
}

/** Counts from zero. */
export function createStats(): Stats {
  const elapsed = new Histogram(1, maxMicroseconds, significantDigits);
  const statuses = new Map<number, number>();
  const unexpected = new Map<number, number>();
  const codes = new Map<FetchErrorCode, number>();
  const hosts = new HostCounter();

  const stats: Mutable<Stats> = {
    count: 0,
    responses: 0,
    failures: 0,
    cancelled: 0,
    ok: 0,
    statuses,
    unexpected,
    codes,
    length: 0,
    wireLength: 0,
    retries: 0,
    elapsedMs: 0,
    longestMs: 0,
    add(result) {
      stats.count += 1;
      stats.retries += Math.max(0, result.attempts - 1);
      stats.elapsedMs += result.elapsedMs;
      if (result.kind === 'cancelled') {
        stats.cancelled += 1;
        return;
      }
      stats.length += result.length;
      stats.wireLength += result.wireLength ?? 0;
      if (result.attempts > 0) addElapsed(result.elapsedMs);
      if (result.kind === 'response') addResponse(result);
      else addFailure(result.error.code);
      const host = hostOf(result.url);
      if (host !== undefined) hosts.add(host, result.ok, result.attempts > 0 ? result.elapsedMs : undefined);
    },
    percentileMs: (percent) => Math.min(elapsed.getValueAtPercentile(percent) / 1000, stats.longestMs),
    hosts,
  };

  function addElapsed(elapsedMs: number): void {
    stats.longestMs = Math.max(stats.longestMs, elapsedMs);
    elapsed.recordValue(Math.min(Math.round(elapsedMs * 1000), maxMicroseconds));
  }

  function addResponse({ ok, status }: { readonly ok: boolean; readonly status: number }): void {
    stats.responses += 1;
    addOne(statuses, status);
    if (ok) stats.ok += 1;
    else addOne(unexpected, status);
  }

  function addFailure(code: FetchErrorCode): void {
    stats.failures += 1;
    addOne(codes, code);
  }

  return stats;
}

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] };

const Histogram = constructorFromBucketSize(64);
const significantDigits = 3;
/** A day: what took longer counts as a day in the percentiles. */
const maxMicroseconds = 24 * 3600 * 1_000_000;

function addOne<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
