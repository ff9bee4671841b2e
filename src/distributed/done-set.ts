import { randomBytes } from 'node:crypto';
import { KeyedHash } from '../collections/keyed-hash.ts';

/** The inputs of a list that have their record, by index: a bit for each, and a hash for those of earlier runs. */
export class DoneSet {
  readonly #hash = new KeyedHash(new Uint32Array(new Uint8Array(randomBytes(8)).buffer));
  #bits = new Uint8Array(1024);
  /** A hash of the request that an earlier run recorded under an index. */
  #hashes = new Uint32Array(0);

  /** Tells whether an input has its record. */
  has(index: number): boolean {
    return ((this.#bits[index >>> 3] ?? 0) & (1 << (index & 7))) !== 0;
  }

  /** Notes a record. Returns false if there was one. */
  add(index: number): boolean {
    if (this.has(index)) return false;
    if (index >>> 3 >= this.#bits.length) this.#bits = grown(this.#bits, (index >>> 3) + 1);
    this.#bits[index >>> 3]! |= 1 << (index & 7);
    return true;
  }

  /** Notes whether an input has its record. */
  set(index: number, isDone: boolean): void {
    if (isDone) this.add(index);
    else if (this.has(index)) this.#bits[index >>> 3]! &= ~(1 << (index & 7));
  }

  /** Notes the record of an earlier run, or with `isDone` false that its request is to be made again. */
  addEarlier(index: number, texts: readonly string[], isDone: boolean): void {
    this.set(index, isDone);
    if (index >= this.#hashes.length) this.#hashes = grown(this.#hashes, index + 1);
    this.#hashes[index] = this.#hashOf(texts);
  }

  /** Tells whether an input can be the one that an earlier run recorded under its index, if any did. */
  agrees(index: number, texts: readonly string[]): boolean {
    const hash = this.#hashes[index] ?? 0;
    return hash === 0 || hash === this.#hashOf(texts);
  }

  /** Frees the hashes, once the whole list was compared. */
  forgetTexts(): void {
    this.#hashes = new Uint32Array(0);
  }

  /** Never 0, which means no record. */
  #hashOf(texts: readonly string[]): number {
    this.#hash.hashTexts(texts);
    return this.#hash.low || 1;
  }
}

/** Copies an array to one of at least `length` elements, and at least twice as long. */
function grown<T extends Uint8Array | Uint32Array>(array: T, length: number): T {
  const longer = new (array.constructor as new (length: number) => T)(Math.max(length, 2 * array.length, 1024));
  longer.set(array);
  return longer;
}
