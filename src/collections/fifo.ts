// Below this many free slots a copy costs more than it frees.
const minFreeSlots = 32;

/**
 * A first-in, first-out queue in amortised constant time that frees the memory of removed items. (`Array.shift` moves
 * every element of a long array.)
 */
export class Fifo<T extends object | number> {
  #items: (T | undefined)[] = [];
  #head = 0;

  /** Items in the queue. */
  get length(): number {
    return this.#items.length - this.#head;
  }

  /** Adds an item at the end. */
  push(item: T): void {
    this.#items.push(item);
  }

  /** The oldest item; undefined if there is none. */
  get first(): T | undefined {
    return this.#items[this.#head];
  }

  /** Removes the oldest item and returns it; undefined if there is none. */
  shift(): T | undefined {
    if (this.#head === this.#items.length) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head] = undefined;
    this.#head += 1;
    if (this.#head >= minFreeSlots && this.#head * 2 >= this.#items.length) this.#compact();
    return item;
  }

  /** Removes every item that does not satisfy the predicate, and keeps the order of the rest. */
  keep(predicate: (item: T) => boolean): void {
    this.#items = this.toArray().filter(predicate);
    this.#head = 0;
  }

  /** Returns the items, the oldest first. */
  toArray(): T[] {
    return this.#items.slice(this.#head) as T[];
  }

  #compact(): void {
    this.#items = this.#items.slice(this.#head);
    this.#head = 0;
  }
}
