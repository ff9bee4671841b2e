/** An order, as for `Array.prototype.sort`: negative if the first value comes before the second. */
export type Compare<T> = (first: T, second: T) => number;

interface Entry<T> {
  readonly value: T;
  readonly number: number;
}

/** A binary min-heap in the order of a function. Equal values leave in the order they were added. */
export class StableHeap<T> {
  readonly #compare: Compare<T>;
  readonly #entries: Entry<T>[] = [];
  #nextNumber = 0;

  constructor(compare: Compare<T>) {
    this.#compare = compare;
  }

  /** Values in the heap. */
  get size(): number {
    return this.#entries.length;
  }

  /** Adds a value. If the comparison throws, the heap stays as it was. */
  push(value: T): void {
    const entry = { value, number: this.#nextNumber };
    const path: number[] = [];
    for (let at = this.size; at > 0 && this.#isBefore(entry, this.#entries[(at - 1) >> 1]!); at = (at - 1) >> 1) {
      path.push((at - 1) >> 1);
    }
    this.#nextNumber += 1;
    this.#place(entry, this.size, path);
  }

  /** Removes the first value and returns its entry; undefined if the heap is empty. */
  shift(): { readonly value: T } | undefined {
    const first = this.#entries[0];
    const last = this.#entries.at(-1);
    if (first === undefined || last === undefined) return undefined;
    const path: number[] = [];
    let hole = 0;
    for (let child = this.#earlierChild(hole); child !== undefined; child = this.#earlierChild(hole)) {
      if (!this.#isBefore(this.#entries[child]!, last)) break;
      path.push(child);
      hole = child;
    }
    this.#entries.pop();
    if (this.size > 0) this.#place(last, 0, path);
    return first;
  }

  /** Moves the entries of a path by one step, each into the place before it, and puts an entry into the last place. */
  #place(entry: Entry<T>, start: number, path: readonly number[]): void {
    let hole = start;
    for (const at of path) {
      this.#entries[hole] = this.#entries[at]!;
      hole = at;
    }
    this.#entries[hole] = entry;
  }

  /** Returns the child of a place that leaves first, without the last entry, which is on its way to a new place. */
  #earlierChild(at: number): number | undefined {
    const left = 2 * at + 1;
    const end = this.size - 1;
    if (left >= end) return undefined;
    const right = left + 1;
    return right < end && this.#isBefore(this.#entries[right]!, this.#entries[left]!) ? right : left;
  }

  #isBefore(one: Entry<T>, other: Entry<T>): boolean {
    return (this.#compare(one.value, other.value) || one.number - other.number) < 0;
  }
}
