/** A binary min-heap of values, each with a time (J. W. J. Williams, Algorithm 232: Heapsort, CACM 7(6), 1964). */
export class Heap<T> {
  // Two flat arrays instead of one of pairs: a pair would be an allocation per push.
  readonly #times: number[] = [];
  readonly #values: T[] = [];

  /** Values in the heap. */
  get size(): number {
    return this.#times.length;
  }

  /** The earliest time; `Infinity` if the heap is empty. */
  get earliest(): number {
    return this.#times[0] ?? Infinity;
  }

  /** Adds a value. */
  push(time: number, value: T): void {
    this.#rise(this.#times.length, time, value);
  }

  /** Removes the value with the earliest time and returns it. Equal times come in no particular order. */
  pop(): T | undefined {
    const first = this.#values[0];
    const time = this.#times.pop();
    const value = this.#values.pop();
    if (time !== undefined && this.#times.length > 0) this.#sink(time, value as T);
    return first;
  }

  #rise(hole: number, time: number, value: T): void {
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      if (this.#timeAt(parent) <= time) break;
      this.#move(parent, hole);
      hole = parent;
    }
    this.#set(hole, time, value);
  }

  #sink(time: number, value: T): void {
    let hole = 0;
    for (;;) {
      const child = this.#earlierChild(hole);
      if (this.#timeAt(child) >= time) break;
      this.#move(child, hole);
      hole = child;
    }
    this.#set(hole, time, value);
  }

  #earlierChild(index: number): number {
    const left = 2 * index + 1;
    return this.#timeAt(left + 1) < this.#timeAt(left) ? left + 1 : left;
  }

  /** Returns `Infinity` beyond the end. */
  #timeAt(index: number): number {
    return index < this.#times.length ? (this.#times[index] as number) : Infinity;
  }

  #move(from: number, to: number): void {
    this.#set(to, this.#times[from] as number, this.#values[from] as T);
  }

  #set(index: number, time: number, value: T): void {
    this.#times[index] = time;
    this.#values[index] = value;
  }
}
