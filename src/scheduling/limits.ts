import { Heap } from '../collections/heap.ts';
import { dueAfterStart, type Rate, rateOf, rateOpenAt } from './rate.ts';

/** How much may be in flight at once, and how many may start in a second. */
interface Limit {
  /** In flight at once. */
  readonly concurrency: number;
  /** Starts per second, evenly spaced; none unless given. */
  readonly rate?: number | undefined;
}

/** The limit over all hosts, and the limit of each of them. */
export interface LimitsOptions extends Limit {
  readonly perHost: Limit;
}

/** A host whose server asked us to wait, and until when (monotonic milliseconds). */
export interface PausedHost {
  readonly host: string;
  readonly until: number;
}

/**
 * What is in flight and what is owed, over all and per host; shared by all runs of one fetcher. It never waits: times
 * are arguments, in milliseconds of one monotonic clock, and the answers are times.
 *
 * Only hosts are kept that have something in flight, or whose rate or pause is still running.
 */
export class Limits {
  readonly #rate: Rate;
  readonly #hostRate: Rate;
  readonly #hostConcurrency: number;
  readonly #hosts = new Map<string, Host>();
  /** Hosts with nothing in flight that still owe time, by when to look at them again. */
  readonly #cooling = new Heap<Host>();
  #concurrency: number;
  #inFlight = 0;
  #dueAt = 0;

  constructor({ concurrency, rate, perHost }: LimitsOptions) {
    this.#concurrency = concurrency;
    this.#rate = rateOf(rate);
    this.#hostConcurrency = perHost.concurrency;
    this.#hostRate = rateOf(perHost.rate);
  }

  /** How many are in flight over all hosts. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** How many may be in flight over all hosts. */
  get concurrency(): number {
    return this.#concurrency;
  }

  /** Sets how many may be in flight over all hosts. What is in flight beyond that stays; nothing starts until it is less. */
  setConcurrency(concurrency: number): void {
    this.#concurrency = concurrency;
  }

  /** From when on one more may start, as far as the limit over all goes; `Infinity` when only a release can help. */
  openAt(): number {
    return this.#inFlight < this.#concurrency ? rateOpenAt(this.#dueAt, this.#rate) : Infinity;
  }

  /** From when on one more may start, as far as the host goes; `Infinity` when only a release can help. */
  hostOpenAt(name: string): number {
    const host = this.#hosts.get(name);
    if (host === undefined) return -Infinity;
    if (host.inFlight >= this.#hostConcurrency) return Infinity;
    return Math.max(rateOpenAt(host.dueAt, this.#hostRate), host.pausedUntil);
  }

  /** Counts a start at `now`. Whether it is allowed is for the caller to ask first. */
  start(name: string, now: number): void {
    this.#inFlight += 1;
    this.#dueAt = dueAfterStart(this.#dueAt, now, this.#rate);
    const host = this.#hostNamed(name);
    host.inFlight += 1;
    host.dueAt = dueAfterStart(host.dueAt, now, this.#hostRate);
    this.#sweep(now);
  }

  /** Gives back what {@link start} took: once for each start. */
  release(name: string, now: number): void {
    const host = this.#hosts.get(name);
    if (host === undefined || host.inFlight === 0) {
      throw new RangeError(`Cannot release ${name} as nothing is in flight to it`);
    }
    this.#sweep(now);
    this.#inFlight -= 1;
    host.inFlight -= 1;
    this.#coolOrDrop(host, now);
  }

  /** Nothing starts on the host until then. Of two pauses the longer one counts. */
  pause(name: string, until: number): void {
    const host = this.#hostNamed(name);
    host.pausedUntil = Math.max(host.pausedUntil, until);
    this.#cool(host);
  }

  /** What keeps one more from starting at `now`, as far as the limits over all go; undefined if they do not. */
  hold(now: number): 'concurrency' | 'rate' | undefined {
    if (this.#inFlight >= this.#concurrency) return 'concurrency';
    return this.#dueAt > now ? 'rate' : undefined;
  }

  /** What keeps one more from starting at `now`, as far as the host goes; undefined if it does not. */
  hostHold(name: string, now: number): 'pause' | 'hostConcurrency' | 'hostRate' | undefined {
    const host = this.#hosts.get(name);
    if (host === undefined) return undefined;
    if (host.pausedUntil > now) return 'pause';
    if (host.inFlight >= this.#hostConcurrency) return 'hostConcurrency';
    return host.dueAt > now ? 'hostRate' : undefined;
  }

  /** How many hosts are kept at `now`. */
  hostCount(now: number): number {
    this.#sweep(now);
    return this.#hosts.size;
  }

  /** The hosts that are paused at `now`. */
  pausedHosts(now: number): PausedHost[] {
    this.#sweep(now);
    const paused: PausedHost[] = [];
    for (const { name, pausedUntil } of this.#hosts.values()) {
      if (pausedUntil > now) paused.push({ host: name, until: pausedUntil });
    }
    return paused;
  }

  #hostNamed(name: string): Host {
    let host = this.#hosts.get(name);
    if (host === undefined) {
      host = { name, inFlight: 0, dueAt: 0, pausedUntil: 0, cooling: false };
      this.#hosts.set(name, host);
    }
    return host;
  }

  /** Every host is looked at once for each time it was laid aside, so this is cheap in the long run. */
  #sweep(now: number): void {
    while (this.#cooling.earliest <= now) {
      const host = this.#cooling.pop() as Host;
      host.cooling = false;
      this.#coolOrDrop(host, now);
    }
  }

  #coolOrDrop(host: Host, now: number): void {
    if (owesUntil(host) > now) this.#cool(host);
    else if (host.inFlight === 0) this.#hosts.delete(host.name);
  }

  #cool(host: Host): void {
    if (host.inFlight > 0 || host.cooling) return;
    host.cooling = true;
    this.#cooling.push(owesUntil(host), host);
  }
}

interface Host {
  readonly name: string;
  inFlight: number;
  dueAt: number;
  pausedUntil: number;
  cooling: boolean;
}

/** Until the due time, not until the next start is allowed: a host forgotten sooner would get its tolerance anew. */
function owesUntil(host: Host): number {
  return Math.max(host.dueAt, host.pausedUntil);
}
