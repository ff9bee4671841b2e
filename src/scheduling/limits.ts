import { Heap } from '../collections/heap.ts';
import { AnsweredHosts } from './answered-hosts.ts';
import { Elastic, type ElasticState, type SlotUse } from './elastic.ts';
import { ElasticHosts, type LearnedLimit } from './elastic-hosts.ts';
import { HostMemory } from './host-memory.ts';
import type { HostWaitReason, KnownHostState } from './known-host.ts';
import type { RobotsFiles } from './robots-files.ts';
import { dueAfterStart, type Rate, rateOf, rateOpenAt } from './rate.ts';

/** A limit on requests in flight and on starts per second. */
interface Limit {
  /** Requests in flight at once. */
  readonly concurrency: number;
  /** True to learn how many should be in flight, `concurrency` at most. @default false */
  readonly isElastic?: boolean;
  /** Starts per second, evenly spaced. @default no limit */
  readonly rate?: number | undefined;
}

/** The limit over all origins, and the limit of each origin. */
export interface LimitsOptions extends Limit {
  readonly perHost: Limit;
}

/** A host whose server asked us to wait. */
export interface PausedHost {
  /** The origin, such as `https://example.com`. */
  readonly host: string;
  /** Milliseconds on the monotonic clock at which the pause ends. */
  readonly until: number;
}

/** What was learned of an origin, as plain data. */
export interface OriginState {
  /** What it has taught by refusals, failures and quotas; absent if it has only answered. */
  readonly known?: KnownHostState;
  /** How many requests it serves well at once; absent if that is not learned. */
  readonly limit?: ElasticState;
}

/**
 * Counts what is in flight and when the next start is due, over all origins and for each; shared by all runs of a
 * fetcher. It never waits: times are arguments, in milliseconds of one monotonic clock, and so are the answers.
 *
 * An origin is kept only while it has something in flight, or while its rate or pause is running.
 */
export class Limits {
  /** The hosts that have refused or failed a request. */
  readonly hosts: HostMemory;
  /** Learns the limit over all origins; undefined if that is fixed. */
  readonly elastic: Elastic | undefined;
  /** Learns the limits of the origins; undefined if they are fixed. */
  readonly elasticHosts: ElasticHosts | undefined;
  /** What each host allows robots; undefined if nobody asks. */
  readonly robots: RobotsFiles | undefined;
  readonly #rate: Rate;
  readonly #originRate: Rate;
  readonly #originConcurrency: number;
  readonly #origins = new Map<string, Origin>();
  /** Origins with nothing in flight whose rate or pause is running, by the time at which it ends. */
  readonly #cooling = new Heap<Origin>();
  readonly #answered = new AnsweredHosts();
  #maxConcurrency: number;
  /** The one that counts now: the greatest, or less where it is learned. */
  #concurrency: number;
  #inFlight = 0;
  #dueAt = 0;

  constructor(
    { concurrency, isElastic, rate, perHost }: LimitsOptions,
    hosts: HostMemory = new HostMemory(),
    robots?: RobotsFiles,
  ) {
    this.hosts = hosts;
    this.robots = robots;
    this.elastic = isElastic === true ? new Elastic(firstConcurrency, concurrency) : undefined;
    this.elasticHosts = perHost.isElastic === true ? new ElasticHosts(perHost.concurrency) : undefined;
    this.#maxConcurrency = concurrency;
    this.#concurrency = this.elastic?.limit ?? concurrency;
    this.#rate = rateOf(rate);
    this.#originConcurrency = perHost.concurrency;
    this.#originRate = rateOf(perHost.rate);
  }

  /** Requests in flight over all origins. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Requests that may be in flight over all origins now. */
  get concurrency(): number {
    return this.#concurrency;
  }

  /** The most that {@link concurrency} may become. */
  get maxConcurrency(): number {
    return this.#maxConcurrency;
  }

  /**
   * Changes how many requests may be in flight. Those in flight beyond that go on; none starts until there are fewer. A
   * limit that is learned stays below it.
   */
  setConcurrency(concurrency: number): void {
    this.#maxConcurrency = concurrency;
    this.elastic?.setMax(concurrency);
    this.#concurrency = this.elastic?.limit ?? concurrency;
  }

  /** Learns from an answer how many requests may be in flight over all origins, if that is learned. */
  learn(use: SlotUse): void {
    if (this.elastic === undefined) return;
    this.elastic.answer(use);
    this.#concurrency = this.elastic.limit;
  }

  /** Requests in flight to an origin. */
  inFlightTo(name: string): number {
    return this.#origins.get(name)?.inFlight ?? 0;
  }

  /** Returns the limits that were learned. */
  learned(): LearnedLimit[] {
    const hosts = this.elasticHosts?.learned() ?? [];
    if (this.elastic === undefined) return hosts;
    const { start, found } = this.elastic;
    return [{ host: null, start, limit: found }, ...hosts];
  }

  /** Returns what was learned of an origin, for another process; undefined if that is nothing. */
  save(name: string, now: number): OriginState | undefined {
    const known = this.hosts.get(name)?.save(now);
    const limit = this.elasticHosts?.save(name, now);
    if (known === undefined && limit === undefined) return undefined;
    return { ...(known !== undefined && { known }), ...(limit !== undefined && { limit }) };
  }

  /** Goes on with what another process has saved of an origin, at a time of the present clock. */
  restore(name: string, { known, limit }: OriginState, savedAt: number, now: number): void {
    if (known !== undefined) this.hosts.restore(name, known, savedAt);
    if (limit !== undefined) this.elasticHosts?.restore(name, limit, savedAt, now);
  }

  /** Returns the time from which the limit over all origins allows a start; `Infinity` if only a release can help. */
  openAt(): number {
    if (this.#inFlight >= this.#concurrency) return Infinity;
    const openAt = rateOpenAt(this.#dueAt, this.#rate);
    return this.hosts.network.isHeld ? Math.max(openAt, this.hosts.network.openAt(this.#inFlight)) : openAt;
  }

  /**
   * Returns the time from which the limits of an origin allow a start; `Infinity` if only a release can help. `waiting`
   * is the number of its requests that wait.
   */
  originOpenAt(name: string, now: number, waiting: number): number {
    const origin = this.#origins.get(name);
    const inFlight = origin?.inFlight ?? 0;
    if (inFlight >= this.#originConcurrency) return Infinity;
    if (this.elasticHosts !== undefined && inFlight >= this.elasticHosts.limitOf(name)) return Infinity;
    let openAt =
      origin === undefined ? -Infinity : Math.max(rateOpenAt(origin.dueAt, this.#originRate), origin.pausedUntil);
    if (this.robots !== undefined) openAt = Math.max(openAt, this.robots.openAt(name, inFlight));
    if (this.hosts.size === 0) return openAt;
    return Math.max(openAt, this.hosts.openAt(name, { now, waiting, inFlight }));
  }

  /** Tells whether an origin has answered. Rarely one is taken for another; after many others it is forgotten. */
  hasAnswered(name: string): boolean {
    return this.#origins.get(name)?.hasAnswered === true || this.#answered.has(name);
  }

  /** Counts a start at `now`. The caller has asked whether it is allowed. */
  start(name: string, now: number): void {
    this.#inFlight += 1;
    this.#dueAt = dueAfterStart(this.#dueAt, now, this.#rate);
    const origin = this.#originNamed(name);
    origin.inFlight += 1;
    origin.dueAt = dueAfterStart(origin.dueAt, now, this.#originRate);
    this.hosts.started(name, now);
    this.robots?.started(name, now);
    this.#sweep(now);
  }

  /** Gives back what {@link start} took, once for each start. `isAnswered` tells whether a response came. */
  release(name: string, now: number, isAnswered = false): void {
    const origin = this.#origins.get(name);
    if (origin === undefined || origin.inFlight === 0) {
      throw new RangeError(`Cannot release ${name} as nothing is in flight to it`);
    }
    this.#sweep(now);
    this.#inFlight -= 1;
    origin.inFlight -= 1;
    if (isAnswered) origin.hasAnswered = true;
    this.#coolOrDelete(origin, now);
  }

  /** Forbids starts on an origin until a time. Of two pauses the longer one counts. */
  pause(name: string, until: number): void {
    const origin = this.#originNamed(name);
    origin.pausedUntil = Math.max(origin.pausedUntil, until);
    this.#cool(origin);
  }

  /** Returns the limit over all origins that forbids a start at `now`; undefined if none does. */
  waitReason(now: number): 'hold' | 'concurrency' | 'rate' | undefined {
    if (this.hosts.network.openAt(this.#inFlight) > now) return 'hold';
    if (this.#inFlight >= this.#concurrency) return 'concurrency';
    return this.#dueAt > now ? 'rate' : undefined;
  }

  /** Returns the limit of an origin that forbids a start at `now`; undefined if none does. */
  originWaitReason(
    name: string,
    now: number,
    waiting: number,
  ): HostWaitReason | 'pause' | 'robots' | 'hostConcurrency' | 'hostRate' | undefined {
    const origin = this.#origins.get(name);
    if (origin !== undefined && origin.pausedUntil > now) return 'pause';
    const inFlight = origin?.inFlight ?? 0;
    const learned = this.hosts.get(name)?.waitReason({ now, waiting, inFlight });
    if (learned !== undefined) return learned;
    if (this.robots !== undefined && (!this.robots.isKnown(name, now) || this.robots.openAt(name, inFlight) > now))
      return 'robots';
    if (origin === undefined) return undefined;
    if (origin.inFlight >= (this.elasticHosts?.limitOf(name) ?? this.#originConcurrency)) return 'hostConcurrency';
    return origin.dueAt > now ? 'hostRate' : undefined;
  }

  /** Returns the number of origins that are kept at `now`. */
  originCount(now: number): number {
    this.#sweep(now);
    return this.#origins.size;
  }

  /** Returns the hosts that are paused at `now`. */
  pausedHosts(now: number): PausedHost[] {
    this.#sweep(now);
    const paused: PausedHost[] = [];
    for (const { name, pausedUntil } of this.#origins.values()) {
      if (pausedUntil > now) paused.push({ host: name, until: pausedUntil });
    }
    return paused;
  }

  #originNamed(name: string): Origin {
    let origin = this.#origins.get(name);
    if (origin === undefined) {
      origin = { name, inFlight: 0, dueAt: 0, pausedUntil: 0, hasAnswered: false, isCooling: false };
      this.#origins.set(name, origin);
    }
    return origin;
  }

  /** Looks at each origin once for every time it was set aside: amortised constant time. */
  #sweep(now: number): void {
    while (this.#cooling.earliest <= now) {
      const origin = this.#cooling.pop() as Origin;
      origin.isCooling = false;
      this.#coolOrDelete(origin, now);
    }
  }

  #coolOrDelete(origin: Origin, now: number): void {
    if (busyUntil(origin) > now) this.#cool(origin);
    else if (origin.inFlight === 0) this.#delete(origin);
  }

  #delete({ name, hasAnswered }: Origin): void {
    this.#origins.delete(name);
    if (hasAnswered) this.#answered.add(name);
  }

  #cool(origin: Origin): void {
    if (origin.inFlight > 0 || origin.isCooling) return;
    origin.isCooling = true;
    this.#cooling.push(busyUntil(origin), origin);
  }
}

/** Requests in flight over all origins before anything was learned. */
const firstConcurrency = 50;

interface Origin {
  readonly name: string;
  inFlight: number;
  dueAt: number;
  pausedUntil: number;
  hasAnswered: boolean;
  isCooling: boolean;
}

/**
 * Returns the due time, not the time of the next allowed start: an origin deleted sooner would get its tolerance again.
 */
function busyUntil(origin: Origin): number {
  return Math.max(origin.dueAt, origin.pausedUntil);
}
