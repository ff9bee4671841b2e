/** A value and its place in a {@link LinkedList}. */
export interface Entry<T> {
  readonly value: T;
  previous: Entry<T> | undefined;
  next: Entry<T> | undefined;
}

/**
 * First in, first out; also taking one out of the middle costs the same however long the list is. (An array's `shift`
 * moves all the others, and a `Set` steps over the holes that its deleted heads left.)
 */
export class LinkedList<T> {
  #first: Entry<T> | undefined;
  #last: Entry<T> | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The oldest entry. */
  get first(): Entry<T> | undefined {
    return this.#first;
  }

  /** Adds to the end; the entry returned is for {@link remove}. */
  push(value: T): Entry<T> {
    const entry: Entry<T> = { value, previous: this.#last, next: undefined };
    if (this.#last === undefined) this.#first = entry;
    else this.#last.next = entry;
    this.#last = entry;
    this.#size += 1;
    return entry;
  }

  /** Takes the oldest entry out; an entry and not its value, which may itself be `undefined`. */
  shift(): Entry<T> | undefined {
    const entry = this.#first;
    if (entry !== undefined) this.remove(entry);
    return entry;
  }

  /** All values, the oldest first. */
  toArray(): T[] {
    const values: T[] = [];
    for (let entry = this.#first; entry !== undefined; entry = entry.next) values.push(entry.value);
    return values;
  }

  /** Takes an entry out. It must be in this list. */
  remove(entry: Entry<T>): void {
    if (entry.previous === undefined) this.#first = entry.next;
    else entry.previous.next = entry.next;
    if (entry.next === undefined) this.#last = entry.previous;
    else entry.next.previous = entry.previous;
    this.#size -= 1;
  }
}
