/** What holds the values of a {@link KeyTable}. */
type Values = Uint8Array | Uint32Array;

/**
 * A map from 64-bit hashes to small numbers, for tens of millions of them: 9 or 12 bytes for each place, where a `Map` of
 * texts would take a few hundred. A value of 0 is one that is not there. Open addressing; nothing is ever taken out.
 */
export class KeyTable<V extends Values> {
  readonly #makeValues: new (length: number) => V;
  /** The two halves of each key side by side: one look at the memory for both. */
  #keys: Uint32Array;
  #values: V;
  #size = 0;

  constructor(makeValues: new (length: number) => V) {
    this.#makeValues = makeValues;
    this.#keys = new Uint32Array(2 * smallest);
    this.#values = new makeValues(smallest);
  }

  /** The value of a key; 0 if there is none. */
  get(high: number, low: number): number {
    return this.#values[this.#placeOf(high, low)]!;
  }

  /** Gives a key another value, and returns the one that it had. */
  set(high: number, low: number, value: number): number {
    const place = this.#taken(high, low);
    const before = this.#values[place]!;
    this.#values[place] = value;
    return before;
  }

  /** Adds to the value of a key. */
  add(high: number, low: number, step: number): void {
    // First the place: taking it may exchange the arrays.
    const place = this.#taken(high, low);
    this.#values[place]! += step;
  }

  /** The place of a key, which from now on is its own. */
  #taken(high: number, low: number): number {
    const place = this.#placeOf(high, low);
    if (!this.#isFree(place)) return place;
    if (this.#size >= this.#values.length * fullest) {
      this.#grow();
      return this.#taken(high, low);
    }
    this.#size += 1;
    this.#keys[2 * place] = high;
    this.#keys[2 * place + 1] = low || 1;
    return place;
  }

  /** Where a key is, or would be. A `low` of 0 marks a free place, so 0 and 1 count as the same. */
  #placeOf(high: number, low: number): number {
    const keys = this.#keys;
    const wanted = low || 1;
    const mask = this.#values.length - 1;
    // Hashes are spread evenly, so any of their bits will do.
    let place = high & mask;
    while (keys[2 * place + 1] !== 0 && (keys[2 * place + 1] !== wanted || keys[2 * place] !== high)) {
      place = (place + 1) & mask;
    }
    return place;
  }

  #isFree(place: number): boolean {
    return this.#keys[2 * place + 1] === 0;
  }

  #grow(): void {
    const keys = this.#keys;
    const values = this.#values;
    this.#keys = new Uint32Array(2 * keys.length);
    this.#values = new this.#makeValues(2 * values.length);
    for (let from = 0; from < values.length; from += 1) {
      const low = keys[2 * from + 1]!;
      if (low === 0) continue;
      const to = this.#placeOf(keys[2 * from]!, low);
      this.#keys[2 * to] = keys[2 * from]!;
      this.#keys[2 * to + 1] = low;
      this.#values[to] = values[from]!;
    }
  }
}

const smallest = 1024;
const fullest = 0.75;
