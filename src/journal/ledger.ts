import { randomBytes } from 'node:crypto';
import { EqualRecords } from './equal-records.ts';
import { KeyedHash } from '../collections/keyed-hash.ts';
import { HashTable } from '../collections/hash-table.ts';
import type { RecordState, LineState } from './standing.ts';

/**
 * Which lines of a list are done, by what the records of earlier runs say: first takes all records, then all lines. A record
 * serves one line: the one of its own index, else any that is equal. Lines come in the order of the list, and equal ones are
 * as good as each other; so where an earlier line was served by the record of a later one, and that later one finds nothing
 * left, it is fetched under the index of the earlier: thus no index is ever written twice for two lines.
 *
 * Keeps hashes instead of texts, and of a text that has one record only, as nearly all do, one look at the memory is enough
 * for it: 16 bytes for each place in a table, and some 30 for each record.
 */
export class Ledger {
  readonly #hash: KeyedHash;
  /** By text: its only record, as a number. */
  readonly #only = new HashTable();
  /** By text: 1 + the index of the line that was served by its only record, where that has another index. */
  readonly #guests = new HashTable();
  /** The records of all texts that have more than one. */
  readonly #equal: EqualRecords;

  constructor(key: Uint32Array = new Uint32Array(new Uint8Array(randomBytes(8)).buffer)) {
    this.#hash = new KeyedHash(key);
    this.#equal = new EqualRecords(key);
  }

  /** Takes one record. Of two of the same text and index the later one counts. */
  add(texts: readonly string[], index: number, standing: RecordState): void {
    this.#hash.hashTexts(texts);
    const { high, low } = this.#hash;
    const record = numberOf(index, standings.indexOf(standing));
    const before = this.#only.set(high, low, record);
    if (before === 0 || indexOf(before) === index) return;
    if (before !== several) this.#equal.add(high, low, indexOf(before), standings[stateOf(before)]!);
    this.#equal.add(high, low, index, standing);
    this.#only.set(high, low, several);
  }

  /** Takes the next line of the list. */
  take(texts: readonly string[], index: number): LineState {
    this.#hash.hashTexts(texts);
    const { high, low } = this.#hash;
    const record = this.#only.get(high, low);
    if (record === several) return this.#equal.take(high, low, index);
    const isOwn = indexOf(record) === index;
    const state = stateOf(record);
    const standing = standings[state];
    if (standing === 'ok' || standing === 'not ok') {
      this.#only.set(high, low, numberOf(indexOf(record), isOwn ? used : usedByGuest));
      if (!isOwn) this.#guests.set(high, low, index + 1);
      return { done: standing };
    }
    return { index: isOwn && state === usedByGuest ? this.#guests.get(high, low) - 1 : index };
  }
}

/** What stands for a text that has more than one record; it has the index of none. */
const several = 1;

/** The states of a record that has served no line yet. */
const standings: readonly (RecordState | undefined)[] = [undefined, 'open', 'ok', 'not ok'];
const used = 4;
const usedByGuest = 5;

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
