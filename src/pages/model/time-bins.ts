import { noVerdicts, verdicts, type Verdict, type VerdictCounts } from './outcome.ts';

/** What happened in one stretch of a run. */
export interface TimeBin {
  /** In milliseconds since 1970. */
  readonly fromMs: number;
  readonly toMs: number;
  /** How many requests ended, each way. */
  readonly ended: Readonly<VerdictCounts>;
  /** How long requests were under way in it, all together: divided by its length, how many there were at once. */
  readonly busyMs: number;
}

/**
 * A run over time, of requests in any order and over any stretch of time, in memory that does not grow: when there are too
 * many bins, they are joined.
 */
export class TimeBins {
  /** How long each bin is. */
  widthMs = 1;
  #origin = 0;
  /** The number of the first bin, counted from the first time that was added. */
  #first = 0;
  #length = 0;
  #busyMs = new Float64Array(maxBins);
  /** How many requests more than in the bin before are under way all through this one. */
  #steps = new Float64Array(maxBins + 1);
  #ended = newCounts();

  /**
   * @param startMs in milliseconds since 1970
   * @param elapsedMs how long it was under way from then on
   */
  add(startMs: number, elapsedMs: number, outcome: Verdict): void {
    if (this.#length === 0) this.#origin = startMs;
    // Since 1970 it is so long that a microsecond more would be lost.
    const fromMs = startMs - this.#origin;
    const toMs = fromMs + elapsedMs;
    this.#reach(fromMs, toMs);
    const from = this.#binOf(fromMs);
    const to = this.#binOf(toMs);
    this.#ended[outcome][to]! += 1;
    if (from === to) {
      this.#busyMs[from]! += toMs - fromMs;
      return;
    }
    this.#busyMs[from]! += this.#startOf(from + 1) - fromMs;
    this.#busyMs[to]! += toMs - this.#startOf(to);
    this.#steps[from + 1]! += 1;
    this.#steps[to]! -= 1;
  }

  /** All bins from the first that was reached to the last. */
  bins(): TimeBin[] {
    const busyMs = this.#settledBusyMs();
    return Array.from({ length: this.#length }, (_, bin) => {
      const ended = noVerdicts();
      for (const outcome of verdicts) ended[outcome] = this.#ended[outcome][bin]!;
      return {
        fromMs: this.#origin + this.#startOf(bin),
        toMs: this.#origin + this.#startOf(bin + 1),
        ended,
        busyMs: busyMs[bin]!,
      };
    });
  }

  #binOf(timeMs: number): number {
    return Math.floor(timeMs / this.widthMs) - this.#first;
  }

  #startOf(bin: number): number {
    return (this.#first + bin) * this.widthMs;
  }

  /** Makes room for a stretch of time. */
  #reach(fromMs: number, toMs: number): void {
    for (;;) {
      const from = Math.floor(fromMs / this.widthMs);
      const to = Math.floor(toMs / this.widthMs);
      if (this.#length === 0) this.#first = from;
      const first = Math.min(from, this.#first);
      const last = Math.max(to, this.#first + this.#length - 1);
      if (last - first < maxBins) {
        if (first < this.#first) this.#rearrange((bin) => bin + this.#first - first);
        this.#first = first;
        this.#length = last - first + 1;
        return;
      }
      this.#join();
    }
  }

  /** Joins bins to fewer. */
  #join(): void {
    const times = factorAfter(this.widthMs);
    this.#busyMs = this.#settledBusyMs();
    this.#steps = new Float64Array(maxBins + 1);
    const first = Math.floor(this.#first / times);
    const last = Math.floor((this.#first + this.#length - 1) / times);
    this.#rearrange((bin) => Math.floor((this.#first + bin) / times) - first);
    this.#first = first;
    this.#length = last - first + 1;
    this.widthMs *= times;
  }

  /** The time under way in each bin, with those requests that went all through it. */
  #settledBusyMs(): Float64Array<ArrayBuffer> {
    const busyMs = this.#busyMs.slice();
    let through = 0;
    for (let bin = 0; bin < this.#length; bin += 1) {
      through += this.#steps[bin]!;
      busyMs[bin]! += through * this.widthMs;
    }
    return busyMs;
  }

  #rearrange(placeOf: (bin: number) => number): void {
    this.#busyMs = rearranged(this.#busyMs, this.#length, placeOf);
    this.#steps = rearranged(this.#steps, this.#length, placeOf);
    for (const outcome of verdicts) this.#ended[outcome] = rearranged(this.#ended[outcome], this.#length, placeOf);
  }
}

const maxBins = 1000;

/** The lengths that a person counts in: 1, 5, 10, 50, 100, 500 ms, 1, 5, 10 s, 1, 5, 10 min, 1, 6 h, 1 day, then by tens. */
const lengthsMs = [1, 5, 10, 50, 100, 500, 1e3, 5e3, 1e4, 6e4, 3e5, 6e5, 36e5, 216e5, 864e5];

/** By how much longer the next of these lengths is: always a whole number. */
export function factorAfter(widthMs: number): number {
  const at = lengthsMs.indexOf(widthMs);
  const next = at < 0 ? undefined : lengthsMs[at + 1];
  return next === undefined ? 10 : next / widthMs;
}

function newCounts(): Record<Verdict, Float64Array<ArrayBuffer>> {
  return { ok: zeros(), notOk: zeros(), failed: zeros(), cancelled: zeros() };
}

function zeros(): Float64Array<ArrayBuffer> {
  return new Float64Array(maxBins);
}

function rearranged(
  old: Float64Array<ArrayBuffer>,
  length: number,
  placeOf: (bin: number) => number,
): Float64Array<ArrayBuffer> {
  const made = new Float64Array(old.length);
  for (let bin = 0; bin < length; bin += 1) made[placeOf(bin)]! += old[bin]!;
  return made;
}
