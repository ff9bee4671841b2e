import { randomBytes } from 'node:crypto';
import type { ResultRecord } from '../http/record.ts';
import { maxIndex } from './equal-records.ts';
import { KeyedHash } from '../collections/keyed-hash.ts';
import { HashTable } from '../collections/hash-table.ts';
import { textsOf } from './record-line.ts';

/**
 * Which records of a file have a later one that counts in their place. Only what is not `ok` is ever taken up again, under
 * the index that it had; so it is enough to remember those, in some 30 bytes each, and not all that went well. To be
 * given all records of a file with `note`, and then all of them again with `isSuperseded`.
 */
export class SupersededRecords {
  readonly #hash = new KeyedHash(new Uint32Array(new Uint8Array(randomBytes(8)).buffer));
  /** By request and index, once it was not ok: the number of the last record, from 1. */
  readonly #last = new HashTable();
  #noted = 0;
  #asked = 0;
  #superseded = 0;

  /** How many of those that were noted have a later one. */
  get superseded(): number {
    return this.#superseded;
  }

  /** Takes a record, the first time. */
  note(record: ResultRecord): void {
    this.#noted += 1;
    if (record.index > maxIndex) return;
    this.#hashRecord(record);
    const { high, low } = this.#hash;
    const isAgain = this.#last.get(high, low) > 0;
    if (isAgain) this.#superseded += 1;
    if (isAgain || !record.ok) this.#last.set(high, low, this.#noted);
  }

  /** Takes a record, the second time: whether a later one counts in its place. */
  isSuperseded(record: ResultRecord): boolean {
    this.#asked += 1;
    if (record.ok || record.index > maxIndex) return false;
    this.#hashRecord(record);
    return this.#last.get(this.#hash.high, this.#hash.low) > this.#asked;
  }

  #hashRecord(record: ResultRecord): void {
    this.#hash.hashTexts(textsOf(record));
    this.#hash.hashNumbers(this.#hash.high, this.#hash.low, record.index);
  }
}
