/** How fast something gets done, of late. Time is an argument, in milliseconds of one monotonic clock. */
export class Throughput {
  readonly #keptMs: number;
  readonly #apartMs: number;
  /** When how many were done, the earliest first; each some time after the one before. */
  readonly #marks: { readonly at: number; readonly done: number }[] = [];
  #last: { readonly at: number; readonly done: number } | undefined;

  /** @param keptMs how far back can be asked */
  constructor(keptMs: number) {
    this.#keptMs = keptMs;
    this.#apartMs = keptMs / maxMarks;
  }

  /** So many are done by now. */
  mark(at: number, done: number): void {
    this.#last = { at, done };
    if (at - (this.#marks.at(-1)?.at ?? -Infinity) < this.#apartMs) return;
    this.#marks.push(this.#last);
    // The first one may be older, or there would be nothing to compare with at first.
    while (this.#marks.length > 2 && this.#marks[1]!.at <= at - this.#keptMs) this.#marks.shift();
  }

  /** How many per second, over the last so many milliseconds; of a shorter time if there was no more, 0 if there was none. */
  perSecond(overMs: number): number {
    const last = this.#last;
    if (last === undefined) return 0;
    const from = this.#marks.findLast(({ at }) => at <= last.at - overMs) ?? this.#marks[0]!;
    return last.at > from.at ? ((last.done - from.done) * 1000) / (last.at - from.at) : 0;
  }
}

const maxMarks = 100;
