/**
 * A map from 64-bit hashes to whole numbers, for tens of millions of them: 16 bytes for each place, where a `Map` of texts
 * would take a few hundred. A value of 0 is one that is not there. Open addressing; nothing is ever taken out.
 */
export class HashTable {
  /** Of each place four words: the two halves of its key, then its value. Side by side they are one look at the memory. */
  #words: Uint32Array = new Uint32Array(4 * minSlots);
  /** The same memory as numbers: the value of a place is every second one. */
  #values: Float64Array = new Float64Array(this.#words.buffer);
  #size = 0;

  /** The value of a key; 0 if there is none. */
  get(high: number, low: number): number {
    return this.#values[2 * this.#placeOf(high, low) + 1]!;
  }

  /** Gives a key another value, and returns the one that it had. */
  set(high: number, low: number, value: number): number {
    const place = this.#taken(high, low);
    const before = this.#values[2 * place + 1]!;
    this.#values[2 * place + 1] = value;
    return before;
  }

  /** Adds to the value of a key. */
  add(high: number, low: number, step: number): void {
    // First the place: taking it may exchange the arrays.
    const place = this.#taken(high, low);
    this.#values[2 * place + 1]! += step;
  }

  /** The place of a key, which from now on is its own. */
  #taken(high: number, low: number): number {
    const place = this.#placeOf(high, low);
    if (!this.#isFree(place)) return place;
    if (this.#size >= (this.#words.length / 4) * fullest) {
      this.#grow();
      return this.#taken(high, low);
    }
    this.#size += 1;
    this.#words[4 * place] = high;
    this.#words[4 * place + 1] = low || 1;
    return place;
  }

  /** Where a key is, or would be. A `low` of 0 marks a free place, so 0 and 1 count as the same. */
  #placeOf(high: number, low: number): number {
    const words = this.#words;
    const wanted = low || 1;
    const mask = words.length / 4 - 1;
    // Hashes are spread evenly, so any of their bits will do.
    let place = high & mask;
    for (let found = words[4 * place + 1]; found !== 0; found = words[4 * place + 1]) {
      if (found === wanted && words[4 * place] === high) break;
      place = (place + 1) & mask;
    }
    return place;
  }

  #isFree(place: number): boolean {
    return this.#words[4 * place + 1] === 0;
  }

  #grow(): void {
    const words = this.#words;
    const values = this.#values;
    this.#words = new Uint32Array(2 * words.length);
    this.#values = new Float64Array(this.#words.buffer);
    for (let from = 0; from < words.length; from += 4) {
      const low = words[from + 1]!;
      if (low === 0) continue;
      const to = this.#placeOf(words[from]!, low);
      this.#words[4 * to] = words[from]!;
      this.#words[4 * to + 1] = low;
      this.#values[2 * to + 1] = values[from / 2 + 1]!;
    }
  }
}

const minSlots = 1024;
const fullest = 0.75;
