// Below this a copy costs more than the few slots it would give back.
const fewSlots = 32;

/**
 * First in, first out, in amortised constant time (`Array.shift` moves every element of a long array), giving back the
 * memory of what has left.
 */
export class Fifo<T extends object | number> {
  #items: (T | undefined)[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  shift(): T | undefined {
    if (this.#head === this.#items.length) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head] = undefined;
    this.#head += 1;
    if (this.#head >= fewSlots && this.#head * 2 >= this.#items.length) this.#giveBack();
    return item;
  }

  /** Drops what does not satisfy the predicate; the order of the rest stays. */
  keep(predicate: (item: T) => boolean): void {
    this.#items = this.toArray().filter(predicate);
    this.#head = 0;
  }

  toArray(): T[] {
    return this.#items.slice(this.#head) as T[];
  }

  #giveBack(): void {
    this.#items = this.#items.slice(this.#head);
    this.#head = 0;
  }
}
