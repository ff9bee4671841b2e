import type { Verdict } from '../../http/result.ts';
import { noVerdicts, verdicts, type VerdictCounts } from './verdicts.ts';

/** Activity in one interval of a run. */
export interface TimeBin {
  /** Start in milliseconds since 1970. */
  readonly fromMs: number;
  /** End in milliseconds since 1970. */
  readonly toMs: number;
  /** Number of requests that ended in it, by verdict. */
  readonly ended: Readonly<VerdictCounts>;
  /** Sum of the time in flight of all requests, in milliseconds. Divided by the length: the mean number in flight. */
  readonly busyMs: number;
}

/**
 * Counts requests over time, added in any order and over any period, in constant memory: when there are too many bins,
 * neighbours are joined.
 */
export class TimeBins {
  /** Length of each bin in milliseconds. */
  widthMs = 1;
  #origin = 0;
  /** Number of the first bin. Bin 0 starts at the first time added. */
  #first = 0;
  #length = 0;
  #busyMs = new Float64Array(maxBins);
  /** Change from bin to bin in the number of requests that are in flight for the whole bin. */
  #steps = new Float64Array(maxBins + 1);
  #ended = newCounts();

  /**
   * @param startMs start of the request in milliseconds since 1970
   * @param elapsedMs its time in flight in milliseconds
   */
  add(startMs: number, elapsedMs: number, verdict: Verdict): void {
    if (this.#length === 0) this.#origin = startMs;
    // Times since 1970 are too large for a double to keep their microseconds.
    const fromMs = startMs - this.#origin;
    const toMs = fromMs + elapsedMs;
    this.#reach(fromMs, toMs);
    const from = this.#binOf(fromMs);
    const to = this.#binOf(toMs);
    this.#ended[verdict][to]! += 1;
    if (from === to) {
      this.#busyMs[from]! += toMs - fromMs;
      return;
    }
    this.#busyMs[from]! += this.#startOf(from + 1) - fromMs;
    this.#busyMs[to]! += toMs - this.#startOf(to);
    this.#steps[from + 1]! += 1;
    this.#steps[to]! -= 1;
  }

  /** Returns all bins from the first one used to the last. */
  bins(): TimeBin[] {
    const busyMs = this.#settledBusyMs();
    return Array.from({ length: this.#length }, (_, bin) => {
      const ended = noVerdicts();
      for (const verdict of verdicts) ended[verdict] = this.#ended[verdict][bin]!;
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

  /** Extends the bins to cover a period, joining them if needed. */
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

  /** Joins neighbouring bins. */
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

  /** Returns the time in flight per bin, including requests in flight for the whole bin. */
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
    for (const verdict of verdicts) this.#ended[verdict] = rearranged(this.#ended[verdict], this.#length, placeOf);
  }
}

const maxBins = 1000;

/** Lengths of a bin: 1, 5, 10, 50, 100, 500 ms, 1, 5, 10 s, 1, 5, 10 min, 1, 6 h, 1 day. Beyond that, times ten. */
const lengthsMs = [1, 5, 10, 50, 100, 500, 1e3, 5e3, 1e4, 6e4, 3e5, 6e5, 36e5, 216e5, 864e5];

/** Returns the ratio of the next bin length to `widthMs`, always a whole number. */
export function factorAfter(widthMs: number): number {
  const at = lengthsMs.indexOf(widthMs);
  const next = at < 0 ? undefined : lengthsMs[at + 1];
  return next === undefined ? 10 : next / widthMs;
}

function newCounts(): Record<Verdict, Float64Array<ArrayBuffer>> {
  return { ok: zeros(), unexpected: zeros(), failed: zeros(), cancelled: zeros() };
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
