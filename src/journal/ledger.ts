import { randomBytes } from 'node:crypto';
import { EqualRecords } from './equal-records.ts';
import { KeyedHash } from '../collections/keyed-hash.ts';
import { HashTable } from '../collections/hash-table.ts';
import { recordStates, type LineState, type RecordState } from './record-line.ts';

/**
 * Decides which lines of a list are done, by the records of earlier runs: takes all records first, then all lines. A
 * record is used by one line: the line of its own index, else any equal line. Lines come in the order of the list, and
 * equal lines are interchangeable; so where an earlier line has borrowed the record of a later one, and the later one
 * finds no record left, it is fetched under the index of the earlier. Thus no index is ever written for two lines.
 *
 * Keeps hashes instead of texts. A request with a single record, as nearly all have, takes one look at the memory: 16
 * bytes for each slot of a table, and about 30 for each record.
 */
export class Ledger {
  readonly #hash: KeyedHash;
  /** The only record of a request, as a number. */
  readonly #only = new HashTable();
  /** 1 + the index of the line that borrowed the only record of a request. */
  readonly #borrowers = new HashTable();
  /** The records of all requests with several. */
  readonly #equal: EqualRecords;

  constructor(key: Uint32Array = new Uint32Array(new Uint8Array(randomBytes(8)).buffer)) {
    this.#hash = new KeyedHash(key);
    this.#equal = new EqualRecords(key);
  }

  /** Adds a record. It replaces an earlier one of the same request and index. */
  add(texts: readonly string[], index: number, state: RecordState): void {
    this.#hash.hashTexts(texts);
    const { high, low } = this.#hash;
    const record = numberOf(index, recordStates.indexOf(state));
    const before = this.#only.set(high, low, record);
    if (before === 0 || indexOf(before) === index) return;
    if (before !== several) this.#equal.add(high, low, indexOf(before), recordStates[stateOf(before)]!);
    this.#equal.add(high, low, index, state);
    this.#only.set(high, low, several);
  }

  /** Decides the next line of the list. */
  take(texts: readonly string[], index: number): LineState {
    this.#hash.hashTexts(texts);
    const { high, low } = this.#hash;
    const record = this.#only.get(high, low);
    if (record === several) return this.#equal.take(high, low, index);
    const isOwn = indexOf(record) === index;
    const number = stateOf(record);
    const state = recordStates[number];
    if (state === 'ok' || state === 'not ok') {
      this.#only.set(high, low, numberOf(indexOf(record), isOwn ? used : borrowed));
      if (!isOwn) this.#borrowers.set(high, low, index + 1);
      return { done: state };
    }
    return { index: isOwn && number === borrowed ? this.#borrowers.get(high, low) - 1 : index };
  }
}

/** Marks a request with several records; no record has this number. */
const several = 1;

/** The states of a record that a line has used, behind {@link recordStates}. */
const used = 4;
const borrowed = 5;

const states = 8;

function numberOf(index: number, state: number): number {
  return (index + 1) * states + state;
}

function indexOf(record: number): number {
  return Math.floor(record / states) - 1;
}

function stateOf(record: number): number {
  return record % states;
}
