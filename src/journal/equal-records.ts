import { KeyedHash } from '../collections/keyed-hash.ts';
import { HashTable } from '../collections/hash-table.ts';
import { recordStates, type LineState, type RecordState } from './record-line.ts';

/**
 * The records of requests that have several. A list may hold equal lines, and a line may have been fetched again under
 * another index, so a line may use the record of another one. Records that are ok are used first: an ok request is
 * never made again, so where there are more records than lines, the ok ones count. A request is given by both halves of
 * the hash of its texts.
 */
export class EqualRecords {
  readonly #hash: KeyedHash;
  /** The number of the last state recorded for a request and index. */
  readonly #states = new HashTable();
  /** Number of records of a request that no line has used yet, by state. */
  readonly #unusedOk = new HashTable();
  readonly #unusedNotOk = new HashTable();
  /**
   * 1 + the index of the last line of a request that borrowed the record of another line; for a request and index, of
   * the borrower before it.
   */
  readonly #lastBorrower = new HashTable();
  readonly #borrowerBefore = new HashTable();

  constructor(key: Uint32Array) {
    this.#hash = new KeyedHash(key);
  }

  /** Adds a record. It replaces an earlier one of the same request and index. */
  add(textHigh: number, textLow: number, index: number, state: RecordState): void {
    this.#hash.hashNumbers(textHigh, textLow, index);
    const before = this.#states.set(this.#hash.high, this.#hash.low, recordStates.indexOf(state));
    this.#unused(recordStates[before])?.add(textHigh, textLow, -1);
    this.#unused(state)?.add(textHigh, textLow, 1);
  }

  /** Decides the next line of the list. */
  take(textHigh: number, textLow: number, index: number): LineState {
    const own = this.#own(textHigh, textLow, index);
    const used = this.#use(textHigh, textLow);
    if (own === 'ok' || own === 'not ok') {
      return used ? { done: used } : { index: this.#takeBorrower(textHigh, textLow) };
    }
    if (!used) return { index };
    this.#addBorrower(textHigh, textLow, index);
    return { done: used };
  }

  #own(textHigh: number, textLow: number, index: number): RecordState | undefined {
    if (index > maxIndex) return undefined;
    this.#hash.hashNumbers(textHigh, textLow, index);
    return recordStates[this.#states.get(this.#hash.high, this.#hash.low)];
  }

  /** Uses up one record, and returns its state. */
  #use(textHigh: number, textLow: number): 'ok' | 'not ok' | undefined {
    for (const state of ['ok', 'not ok'] as const) {
      const unused = this.#unused(state)!;
      if (unused.get(textHigh, textLow) === 0) continue;
      unused.add(textHigh, textLow, -1);
      return state;
    }
    return undefined;
  }

  #unused(state: RecordState | undefined): HashTable | undefined {
    if (state === 'ok') return this.#unusedOk;
    return state === 'not ok' ? this.#unusedNotOk : undefined;
  }

  #addBorrower(textHigh: number, textLow: number, index: number): void {
    const before = this.#lastBorrower.set(textHigh, textLow, index + 1);
    if (before === 0) return;
    this.#hash.hashNumbers(textHigh, textLow, index);
    this.#borrowerBefore.set(this.#hash.high, this.#hash.low, before);
  }

  /** Never empty: this line's record is missing only because another line borrowed it. */
  #takeBorrower(textHigh: number, textLow: number): number {
    const index = this.#lastBorrower.get(textHigh, textLow) - 1;
    this.#hash.hashNumbers(textHigh, textLow, index);
    this.#lastBorrower.set(textHigh, textLow, this.#borrowerBefore.get(this.#hash.high, this.#hash.low));
    return index;
  }
}

/** The greatest index that can be distinguished from others. */
export const maxIndex = 0xffff_fffe;
