/**
 * Counts times in bins that grow with the time: all within half a percent, whatever their size, in memory that does not grow.
 * What is shorter than a microsecond counts as one, what is longer than three years as that.
 */
export class LogHistogram {
  readonly #counts = new Float64Array(decades * binsPerDecade);
  /** How many times were added. */
  count = 0;
  /** Their sum, in milliseconds. */
  sumMs = 0;
  /** The longest, exactly. */
  longestMs = 0;

  add(ms: number): void {
    const bin = Math.floor((Math.log10(Math.max(ms, minMs)) + offset) * binsPerDecade);
    this.#counts[Math.min(bin, this.#counts.length - 1)]! += 1;
    this.count += 1;
    this.sumMs += ms;
    this.longestMs = Math.max(this.longestMs, ms);
  }

  /** The time that so many percent took at most, to half a percent; 0 if there are none. */
  percentileMs(percent: number): number {
    const wanted = Math.max(1, Math.ceil((percent / 100) * this.count));
    let sum = 0;
    for (let bin = 0; bin < this.#counts.length; bin += 1) {
      sum += this.#counts[bin]!;
      if (sum >= wanted) return Math.min(startOf(bin + 1, binsPerDecade), this.longestMs);
    }
    return this.longestMs;
  }

  /** The counts in coarser bins. How many there are of them from one power of ten to the next must divide 512. */
  coarse(perDecade: number): number[] {
    const each = binsPerDecade / perDecade;
    const counts = Array.from({ length: decades * perDecade }, () => 0);
    for (const [bin, count] of this.#counts.entries()) counts[Math.floor(bin / each)]! += count;
    return counts;
  }
}

/** How many there are from one power of ten to the next. */
const binsPerDecade = 512;

/** Where a bin begins, in milliseconds. */
export function startOf(bin: number, perDecade: number): number {
  return 10 ** (bin / perDecade - offset);
}

const minMs = 0.001;
/** From a microsecond on. */
const offset = 3;
const decades = 14;
