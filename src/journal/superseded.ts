import { randomBytes } from 'node:crypto';
import type { ResultRecord } from '../http/record.ts';
import { maxIndex } from './equal-records.ts';
import { KeyedHash } from '../collections/keyed-hash.ts';
import { HashTable } from '../collections/hash-table.ts';
import { textsOf } from './record-line.ts';

/**
 * Finds the records of a file that a later record replaces. Only requests that were not `ok` are made again, under the
 * same index; so only those are remembered, in about 30 bytes each. Pass all records of a file to `note()`, then all of
 * them again to `isSuperseded()`.
 */
export class SupersededRecords {
  readonly #hash = new KeyedHash(new Uint32Array(new Uint8Array(randomBytes(8)).buffer));
  /** The number of the last record, from 1, of each request and index that was not ok once. */
  readonly #last = new HashTable();
  #noted = 0;
  #asked = 0;
  #superseded = 0;

  /** Number of noted records with a later one. */
  get superseded(): number {
    return this.#superseded;
  }

  /** Takes a record in the first pass. */
  note(record: ResultRecord): void {
    this.#noted += 1;
    if (record.index > maxIndex) return;
    this.#hashRecord(record);
    const { high, low } = this.#hash;
    const isAgain = this.#last.get(high, low) > 0;
    if (isAgain) this.#superseded += 1;
    if (isAgain || !record.ok) this.#last.set(high, low, this.#noted);
  }

  /** Takes a record in the second pass, and tells whether a later one replaces it. */
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
