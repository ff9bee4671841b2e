import { HeavyHitters } from '../collections/heavy-hitters.ts';

/** What the requests to one host (scheme, name and port) came to. */
export interface HostFigures {
  readonly host: string;
  /** Responses and failures. */
  readonly count: number;
  /** Of these, what was not ok. */
  readonly notOk: number;
  /** How long those took on average that were tried; 0 if none was. */
  readonly meanMs: number;
  readonly longestMs: number;
}

/** What is known of the hosts of a run. */
export interface HostStats {
  /** How many hosts are known. */
  readonly size: number;
  /**
   * Whether these are all, and their figures complete. If there were more than 10,000, those are known on which
   * most of the time was spent and those that failed most, from when they became that.
   */
  readonly isExact: boolean;
  /** Those that took longest on average, the slowest first. */
  slowest(most: number): HostFigures[];
  /** Those with most that is not ok, the worst first. */
  failing(most: number): HostFigures[];
}

/** Of so many hosts the figures are kept. */
const maxHosts = 10_000;

/** Counts by host, in bounded memory. */
export class HostCounter implements HostStats {
  readonly #byTime: HeavyHitters<Counts>;
  readonly #byFailures: HeavyHitters<Counts>;

  constructor(capacity: number = maxHosts) {
    // Counts are shared: they last as long as the host is in either.
    this.#byTime = new HeavyHitters(capacity, (host) => this.#byFailures.get(host) ?? noCounts(host));
    this.#byFailures = new HeavyHitters(capacity, (host) => this.#byTime.get(host) ?? noCounts(host));
  }

  get size(): number {
    return this.#byTime.size;
  }

  get isExact(): boolean {
    return this.#byTime.isExact;
  }

  /** @param elapsedMs how long it took; undefined if it was never tried */
  add(host: string, isOk: boolean, elapsedMs: number | undefined): void {
    const counts = this.#byTime.add(host, elapsedMs ?? 0);
    counts.count += 1;
    if (elapsedMs !== undefined) {
      counts.tried += 1;
      counts.elapsedMs += elapsedMs;
      if (elapsedMs > counts.longestMs) counts.longestMs = elapsedMs;
    }
    if (isOk) return;
    counts.notOk += 1;
    this.#byFailures.add(host, 1);
  }

  slowest(most: number): HostFigures[] {
    const tried = this.#byTime.values().filter((counts) => counts.tried > 0);
    return figures(tried.sort((a, b) => meanMs(b) - meanMs(a)).slice(0, most));
  }

  failing(most: number): HostFigures[] {
    // Of equal numbers that of fewer is the worse one.
    const worstFirst = this.#byFailures.values().sort((a, b) => b.notOk - a.notOk || a.count - b.count);
    return figures(worstFirst.slice(0, most));
  }
}

interface Counts {
  readonly host: string;
  count: number;
  notOk: number;
  tried: number;
  elapsedMs: number;
  longestMs: number;
}

function noCounts(host: string): Counts {
  return { host, count: 0, notOk: 0, tried: 0, elapsedMs: 0, longestMs: 0 };
}

function meanMs({ elapsedMs, tried }: Counts): number {
  return tried > 0 ? elapsedMs / tried : 0;
}

function figures(all: readonly Counts[]): HostFigures[] {
  return all.map((counts) => {
    const { host, count, notOk, longestMs } = counts;
    return { host, count, notOk, meanMs: meanMs(counts), longestMs };
  });
}
