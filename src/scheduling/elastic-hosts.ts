import { Elastic, minUsed, type ElasticState, type SlotUse } from './elastic.ts';

/** A limit of requests in flight that was learned. */
export interface LearnedLimit {
  /** The origin, such as `https://example.com`; null for the limit over all hosts. */
  readonly host: string | null;
  /** The limit to begin with. */
  readonly start: number;
  /** The limit that was found. */
  readonly limit: number;
}

/** Requests in flight to a host that has taught us nothing yet. */
const start = 6;

/** Returns how many requests may be in flight to a host at first. */
export function firstLimit({ concurrency, isElastic }: HostLimit): number {
  return isElastic ? Math.min(start, concurrency) : concurrency;
}

interface HostLimit {
  readonly concurrency: number;
  /** True if `concurrency` is the most that may be learned. */
  readonly isElastic: boolean;
}

const maxHosts = 10_000;
/** A host without an answer for this long begins anew. */
const idleMs = 60_000;

interface LearningHost {
  readonly elastic: Elastic;
  /** Milliseconds of the last answer. */
  readonly at: number;
}

/**
 * The limits of hosts that learn how many requests each should have in flight. Only a host whose requests wait for its limit
 * is kept, and of those the 10,000 that answered last. Times are in milliseconds of one monotonic clock.
 */
export class ElasticHosts {
  readonly #max: number;
  readonly #start: number;
  /** In order of the last answer. */
  readonly #hosts = new Map<string, LearningHost>();
  /** What was found for hosts that are no longer kept. */
  readonly #found = new Map<string, number>();

  /** No limit goes beyond `max`. */
  constructor(max: number) {
    this.#max = max;
    this.#start = firstLimit({ concurrency: max, isElastic: true });
  }

  /** Hosts that learn. */
  get size(): number {
    return this.#hosts.size;
  }

  /** Returns the requests that may be in flight to a host now. */
  limitOf(origin: string): number {
    return this.#hosts.get(origin)?.elastic.limit ?? this.#start;
  }

  /** Learns from an answer. */
  answer(origin: string, use: SlotUse): void {
    const { now, waiting, inFlight } = use;
    this.#forgetIdle(now);
    const known = this.#hosts.get(origin);
    if (known === undefined && (waiting === 0 || inFlight < minUsed * this.#start)) return;
    const elastic = known?.elastic ?? new Elastic(this.#start, this.#max);
    elastic.answer(use);
    this.#keep(origin, elastic, now);
  }

  /** Begins anew with a host that did not answer for a while. */
  restart(origin: string, now: number): void {
    this.#hosts.get(origin)?.elastic.restart(now);
  }

  /** Returns what was learned of a host, for another process; undefined if it does not learn. */
  save(origin: string, now: number): ElasticState | undefined {
    return this.#hosts.get(origin)?.elastic.save(now);
  }

  /**
   * Goes on with what another process has saved of a host, at a time of the present clock. Does nothing if that was too
   * long ago.
   */
  restore(origin: string, state: ElasticState, savedAt: number, now: number): void {
    if (now - savedAt >= idleMs) return;
    const elastic = new Elastic(this.#start, this.#max);
    elastic.restore(state, savedAt);
    this.#keep(origin, elastic, now);
  }

  /** Returns the limits that differ from the one to begin with. */
  learned(): LearnedLimit[] {
    const limits = new Map(this.#found);
    for (const [host, { elastic }] of this.#hosts) limits.set(host, elastic.found);
    return Array.from(limits, ([host, limit]) => ({ host, start: this.#start, limit })).filter(
      ({ limit }) => limit !== this.#start,
    );
  }

  #keep(origin: string, elastic: Elastic, now: number): void {
    this.#hosts.delete(origin);
    this.#hosts.set(origin, { elastic, at: now });
    if (this.#hosts.size > maxHosts) this.#forget(this.#hosts.keys().next().value!);
  }

  #forgetIdle(now: number): void {
    for (const [origin, { at }] of this.#hosts) {
      if (now - at < idleMs) return;
      this.#forget(origin);
    }
  }

  #forget(origin: string): void {
    this.#found.delete(origin);
    this.#found.set(origin, this.#hosts.get(origin)!.elastic.found);
    this.#hosts.delete(origin);
    if (this.#found.size > maxHosts) this.#found.delete(this.#found.keys().next().value!);
  }
}
