import { KeyedHash } from '../collections/keyed-hash.ts';
import { HashTable } from '../collections/hash-table.ts';
import type { RecordState, LineState } from './standing.ts';

/**
 * The records of texts that have more than one: a list may hold equal lines, and a line may have been taken up again under
 * another index. Those that are ok serve first: what is ok is never taken up again, so where there are more records than
 * lines, the ok ones are those that count. Texts are given by the two halves of their hash.
 */
export class EqualRecords {
  readonly #hash: KeyedHash;
  /** By text and index: what was recorded there last. */
  readonly #standings = new HashTable();
  /** By text: how many records have served no line yet; of each standing its own count. */
  readonly #leftOk = new HashTable();
  readonly #leftNotOk = new HashTable();
  /** By text: 1 + the index of the last line that was served by the record of another; by text and index: of the one before. */
  readonly #lastGuest = new HashTable();
  readonly #guestBefore = new HashTable();

  constructor(key: Uint32Array) {
    this.#hash = new KeyedHash(key);
  }

  /** Takes one record. Of two of the same text and index the later one counts. */
  add(textHigh: number, textLow: number, index: number, standing: RecordState): void {
    this.#hash.hashNumbers(textHigh, textLow, index);
    const before = this.#standings.set(this.#hash.high, this.#hash.low, standings.indexOf(standing));
    this.#left(standings[before])?.add(textHigh, textLow, -1);
    this.#left(standing)?.add(textHigh, textLow, 1);
  }

  /** Takes the next line of the list. */
  take(textHigh: number, textLow: number, index: number): LineState {
    const own = this.#own(textHigh, textLow, index);
    const served = this.#serve(textHigh, textLow);
    if (own === 'ok' || own === 'not ok') {
      return served ? { done: served } : { index: this.#takeGuest(textHigh, textLow) };
    }
    if (!served) return { index };
    this.#addGuest(textHigh, textLow, index);
    return { done: served };
  }

  #own(textHigh: number, textLow: number, index: number): RecordState | undefined {
    if (index > maxIndex) return undefined;
    this.#hash.hashNumbers(textHigh, textLow, index);
    return standings[this.#standings.get(this.#hash.high, this.#hash.low)];
  }

  /** Uses up one record. */
  #serve(textHigh: number, textLow: number): 'ok' | 'not ok' | undefined {
    for (const standing of ['ok', 'not ok'] as const) {
      const left = this.#left(standing)!;
      if (left.get(textHigh, textLow) === 0) continue;
      left.add(textHigh, textLow, -1);
      return standing;
    }
    return undefined;
  }

  #left(standing: RecordState | undefined): HashTable | undefined {
    if (standing === 'ok') return this.#leftOk;
    return standing === 'not ok' ? this.#leftNotOk : undefined;
  }

  #addGuest(textHigh: number, textLow: number, index: number): void {
    const before = this.#lastGuest.set(textHigh, textLow, index + 1);
    if (before === 0) return;
    this.#hash.hashNumbers(textHigh, textLow, index);
    this.#guestBefore.set(this.#hash.high, this.#hash.low, before);
  }

  /** There is one: every record that was left for this line and is not there any more has served a guest. */
  #takeGuest(textHigh: number, textLow: number): number {
    const index = this.#lastGuest.get(textHigh, textLow) - 1;
    this.#hash.hashNumbers(textHigh, textLow, index);
    this.#lastGuest.set(textHigh, textLow, this.#guestBefore.get(this.#hash.high, this.#hash.low));
    return index;
  }
}

/** The greatest index that can be told from others. */
export const maxIndex = 0xffff_fffe;

/** By their number in a table, where 0 is none. */
const standings: readonly (RecordState | undefined)[] = [undefined, 'open', 'ok', 'not ok'];
