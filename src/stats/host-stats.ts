import { HeavyHitters } from '../collections/heavy-hitters.ts';

/** Totals of the requests to one host (scheme, name and port). */
export interface HostFigures {
  /** The origin, such as `https://example.com`. */
  readonly host: string;
  /** Number of responses and failures. */
  readonly count: number;
  /** Number of them that are not ok. */
  readonly notOk: number;
  /** Mean time in milliseconds of the requests that were attempted; 0 if there are none. */
  readonly meanMs: number;
  /** Longest time in milliseconds; 0 if no request was attempted. */
  readonly longestMs: number;
  /** Number of responses. */
  readonly answers: number;
  /** Mean time in milliseconds of the responses; 0 if there are none. */
  readonly meanAnswerMs: number;
}

/** Totals by host. */
export interface HostStats {
  /** Number of hosts with totals. */
  readonly size: number;
  /**
   * True if every host is included and its totals are complete. Beyond 10,000 hosts, totals are kept only for the hosts
   * that took most of the time and those that failed most, counted from the moment they became one of them.
   */
  readonly isExact: boolean;
  /** Returns up to `max` hosts that answered, those with the slowest answers on average first. */
  slowest(max: number): HostFigures[];
  /** Returns up to `max` hosts with the most results that are not ok, worst first. */
  failing(max: number): HostFigures[];
}

/** Number of hosts whose totals are kept. */
const maxHosts = 10_000;

/** Counts results by host in bounded memory. */
export class HostCounter implements HostStats {
  readonly #byTime: HeavyHitters<Counts>;
  readonly #byFailures: HeavyHitters<Counts>;

  constructor(capacity: number = maxHosts) {
    // Both share one object per host, which lives as long as either keeps it.
    this.#byTime = new HeavyHitters(capacity, (host) => this.#byFailures.get(host) ?? noCounts(host));
    this.#byFailures = new HeavyHitters(capacity, (host) => this.#byTime.get(host) ?? noCounts(host));
  }

  get size(): number {
    return this.#byTime.size;
  }

  get isExact(): boolean {
    return this.#byTime.isExact;
  }

  /**
   * @param elapsedMs milliseconds it took; undefined if it was never attempted
   * @param isAnswer true for a response, whatever its status
   */
  add(host: string, isOk: boolean, elapsedMs: number | undefined, isAnswer = true): void {
    const counts = this.#byTime.add(host, elapsedMs ?? 0);
    counts.count += 1;
    if (elapsedMs !== undefined) {
      counts.tried += 1;
      counts.elapsedMs += elapsedMs;
      if (elapsedMs > counts.longestMs) counts.longestMs = elapsedMs;
    }
    if (isAnswer && elapsedMs !== undefined) {
      counts.answers += 1;
      counts.answerMs += elapsedMs;
    }
    if (isOk) return;
    counts.notOk += 1;
    this.#byFailures.add(host, 1);
  }

  slowest(max: number): HostFigures[] {
    // A host that refuses or never answers fails, which is another thing than being slow.
    const answering = this.#byTime.values().filter((counts) => counts.answers > 0);
    return figures(answering.sort((a, b) => meanAnswerMs(b) - meanAnswerMs(a)).slice(0, max));
  }

  failing(max: number): HostFigures[] {
    // With equal failures, the host with fewer requests ranks worse.
    const worstFirst = this.#byFailures.values().sort((a, b) => b.notOk - a.notOk || a.count - b.count);
    return figures(worstFirst.slice(0, max));
  }
}

interface Counts {
  readonly host: string;
  count: number;
  notOk: number;
  tried: number;
  elapsedMs: number;
  answers: number;
  answerMs: number;
  longestMs: number;
}

function noCounts(host: string): Counts {
  return { host, count: 0, notOk: 0, tried: 0, elapsedMs: 0, answers: 0, answerMs: 0, longestMs: 0 };
}

function meanMs({ elapsedMs, tried }: Counts): number {
  return tried > 0 ? elapsedMs / tried : 0;
}

function meanAnswerMs({ answerMs, answers }: Counts): number {
  return answers > 0 ? answerMs / answers : 0;
}

function figures(all: readonly Counts[]): HostFigures[] {
  return all.map((counts) => {
    const { host, count, notOk, longestMs, answers } = counts;
    return { host, count, notOk, meanMs: meanMs(counts), longestMs, answers, meanAnswerMs: meanAnswerMs(counts) };
  });
}
