/** A value in a {@link LinkedList}, with its neighbours. */
export interface Entry<T> {
  readonly value: T;
  previous: Entry<T> | undefined;
  next: Entry<T> | undefined;
}

/**
 * A first-in, first-out list that removes from the middle in constant time. (`Array.shift` moves every element, and a
 * `Set` steps over the holes of its deleted heads.)
 */
export class LinkedList<T> {
  #first: Entry<T> | undefined;
  #last: Entry<T> | undefined;
  #size = 0;

  /** Values in the list. */
  get size(): number {
    return this.#size;
  }

  /** The oldest entry. */
  get first(): Entry<T> | undefined {
    return this.#first;
  }

  /** Adds a value at the end. Pass the entry to {@link remove}. */
  push(value: T): Entry<T> {
    const entry: Entry<T> = { value, previous: this.#last, next: undefined };
    if (this.#last === undefined) this.#first = entry;
    else this.#last.next = entry;
    this.#last = entry;
    this.#size += 1;
    return entry;
  }

  /** Removes the oldest entry and returns it; not its value, which may itself be `undefined`. */
  shift(): Entry<T> | undefined {
    const entry = this.#first;
    if (entry !== undefined) this.remove(entry);
    return entry;
  }

  /** Returns all values, the oldest first. */
  toArray(): T[] {
    const values: T[] = [];
    for (let entry = this.#first; entry !== undefined; entry = entry.next) values.push(entry.value);
    return values;
  }

  /** Removes an entry of this list. Does nothing if it was removed before. */
  remove(entry: Entry<T>): void {
    if (entry.previous === undefined && this.#first !== entry) return;
    if (entry.previous === undefined) this.#first = entry.next;
    else entry.previous.next = entry.next;
    if (entry.next === undefined) this.#last = entry.previous;
    else entry.next.previous = entry.previous;
    // A dead entry in the old generation would keep every later entry alive until the next full collection.
    entry.previous = undefined;
    entry.next = undefined;
    this.#size -= 1;
  }
}
