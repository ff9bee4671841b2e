/**
 * A map from 64-bit hashes to whole numbers, for tens of millions of entries: 16 bytes for each slot, where a `Map` of
 * texts takes some hundreds. A missing key has the value 0. Open addressing; keys cannot be removed.
 */
export class HashTable {
  /** Four words for each slot: both halves of the key, then the value. Together they are in one cache line. */
  #words: Uint32Array = new Uint32Array(4 * minSlots);
  /** A view of {@link #words} as numbers: every second one is the value of a slot. */
  #values: Float64Array = new Float64Array(this.#words.buffer);
  #size = 0;

  /** Returns the value of a key; 0 if it has none. */
  get(high: number, low: number): number {
    return this.#values[2 * this.#slotOf(high, low) + 1]!;
  }

  /** Sets the value of a key, and returns the previous one. */
  set(high: number, low: number, value: number): number {
    const slot = this.#claim(high, low);
    const before = this.#values[2 * slot + 1]!;
    this.#values[2 * slot + 1] = value;
    return before;
  }

  /** Adds to the value of a key. */
  add(high: number, low: number, step: number): void {
    // The slot first: claiming it may reslot the arrays.
    const slot = this.#claim(high, low);
    this.#values[2 * slot + 1]! += step;
  }

  /** Returns the slot of a key, and claims one for a new key. */
  #claim(high: number, low: number): number {
    const slot = this.#slotOf(high, low);
    if (!this.#isFree(slot)) return slot;
    if (this.#size >= (this.#words.length / 4) * maxLoadFactor) {
      this.#grow();
      return this.#claim(high, low);
    }
    this.#size += 1;
    this.#words[4 * slot] = high;
    this.#words[4 * slot + 1] = low || 1;
    return slot;
  }

  /** Finds the slot of a key, or the free slot for it. A `low` of 0 marks a free slot, so 0 and 1 count as the same. */
  #slotOf(high: number, low: number): number {
    const words = this.#words;
    const wanted = low || 1;
    const mask = words.length / 4 - 1;
    // Hashes are evenly distributed, so any of their bits will do.
    let slot = high & mask;
    for (let found = words[4 * slot + 1]; found !== 0; found = words[4 * slot + 1]) {
      if (found === wanted && words[4 * slot] === high) break;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #isFree(slot: number): boolean {
    return this.#words[4 * slot + 1] === 0;
  }

  #grow(): void {
    const words = this.#words;
    const values = this.#values;
    this.#words = new Uint32Array(2 * words.length);
    this.#values = new Float64Array(this.#words.buffer);
    for (let from = 0; from < words.length; from += 4) {
      const low = words[from + 1]!;
      if (low === 0) continue;
      const to = this.#slotOf(words[from]!, low);
      this.#words[4 * to] = words[from]!;
      this.#words[4 * to + 1] = low;
      this.#values[2 * to + 1] = values[from / 2 + 1]!;
    }
  }
}

const minSlots = 1024;
const maxLoadFactor = 0.75;
