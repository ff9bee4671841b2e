/**
 * Uniform random sample of bounded size; complete while there is room.
 * J. S. Vitter, Algorithm R, ACM TOMS 11(1), 1985.
 */
export class Sample<T> {
  readonly items: T[] = [];
  readonly #max: number;
  readonly #random = seededRandom();
  #count = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** Number of items offered. */
  get count(): number {
    return this.#count;
  }

  /** @param make creates the item; called only if it is chosen */
  offer(make: () => T): void {
    this.#count += 1;
    if (this.items.length < this.#max) {
      this.items.push(make());
      return;
    }
    const place = Math.floor(this.#random() * this.#count);
    if (place < this.#max) this.items[place] = make();
  }
}

/** Creates a generator with a fixed seed, so that the same records give the same page (mulberry32). */
function seededRandom(): () => number {
  let state = 0x9e3779b9;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
