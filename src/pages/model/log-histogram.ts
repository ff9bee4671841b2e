/**
 * Histogram of times with logarithmic bins: exact to 0.5% at every scale, in constant memory. Times below one
 * microsecond count as one microsecond, times above three years as three years.
 */
export class LogHistogram {
  readonly #counts = new Float64Array(decades * binsPerDecade);
  /** Number of times added. */
  count = 0;
  /** Sum of the times in milliseconds. */
  sumMs = 0;
  /** Longest time in milliseconds, exact. */
  longestMs = 0;

  add(ms: number): void {
    const bin = Math.floor((Math.log10(Math.max(ms, minMs)) + offset) * binsPerDecade);
    this.#counts[Math.min(bin, this.#counts.length - 1)]! += 1;
    this.count += 1;
    this.sumMs += ms;
    this.longestMs = Math.max(this.longestMs, ms);
  }

  /** Returns the time in milliseconds that `percent` of the times do not exceed, exact to 0.5%; 0 if there are none. */
  percentileMs(percent: number): number {
    const wanted = Math.max(1, Math.ceil((percent / 100) * this.count));
    let sum = 0;
    for (let bin = 0; bin < this.#counts.length; bin += 1) {
      sum += this.#counts[bin]!;
      if (sum >= wanted) return Math.min(startOf(bin + 1, binsPerDecade), this.longestMs);
    }
    return this.longestMs;
  }

  /** Returns the counts in coarser bins; `perDecade`, the number of bins per power of ten, must divide 512. */
  coarse(perDecade: number): number[] {
    const each = binsPerDecade / perDecade;
    const counts = Array.from({ length: decades * perDecade }, () => 0);
    for (const [bin, count] of this.#counts.entries()) counts[Math.floor(bin / each)]! += count;
    return counts;
  }
}

/** Number of bins per power of ten. */
const binsPerDecade = 512;

/** Returns the start of a bin in milliseconds; `perDecade` is the number of bins per power of ten. */
export function startOf(bin: number, perDecade: number): number {
  return 10 ** (bin / perDecade - offset);
}

const minMs = 0.001;
/** Makes one microsecond the start of the first bin. */
const offset = 3;
const decades = 14;
