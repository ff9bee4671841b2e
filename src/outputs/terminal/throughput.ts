/** Measures recent throughput. Times are arguments, in milliseconds of one monotonic clock. */
export class Throughput {
  readonly #keptMs: number;
  readonly #minGapMs: number;
  /** Totals over time, earliest first, at least {@link #minGapMs} apart. */
  readonly #marks: { readonly at: number; readonly done: number }[] = [];
  #last: { readonly at: number; readonly done: number } | undefined;

  /** @param keptMs milliseconds of history to keep */
  constructor(keptMs: number) {
    this.#keptMs = keptMs;
    this.#minGapMs = keptMs / maxMarks;
  }

  /** Records that `done` are done in all at time `at`. */
  mark(at: number, done: number): void {
    this.#last = { at, done };
    if (at - (this.#marks.at(-1)?.at ?? -Infinity) < this.#minGapMs) return;
    this.#marks.push(this.#last);
    // Keep one mark older than that, so that the whole history can be measured.
    while (this.#marks.length > 2 && this.#marks[1]!.at <= at - this.#keptMs) this.#marks.shift();
  }

  /** Returns the number done per second over the last `overMs` milliseconds, or all history if that is shorter. */
  perSecond(overMs: number): number {
    const last = this.#last;
    if (last === undefined) return 0;
    const from = this.#marks.findLast(({ at }) => at <= last.at - overMs) ?? this.#marks[0]!;
    return last.at > from.at ? ((last.done - from.done) * 1000) / (last.at - from.at) : 0;
  }
}

const maxMarks = 100;
