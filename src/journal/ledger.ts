import { randomBytes } from 'node:crypto';
import { KeyedHash } from './keyed-hash.ts';
import { KeyTable } from './key-table.ts';

/** What a record says of its request: `open` has to be taken up again. */
export type Standing = 'open' | 'ok' | 'not ok';

/** Whether a line of the list is done, or with which index it is to be fetched. */
export type Verdict = { readonly done: 'ok' | 'not ok' } | { readonly index: number };

/**
 * Which lines of a list are done, by what the records of earlier runs say. A record serves one line: the one of its own
 * index, else any that is equal. Lines come in the order of the list, and equal ones are as good as each other; so where
 * an earlier line was served by the record of a later one, and that later one finds nothing left, it is fetched under the
 * index of the earlier: thus no index is ever written twice for two lines.
 *
 * Of the records for equal lines those that are ok serve first. What is ok is never taken up again, so where there are more
 * records than lines, because one that was not ok was taken up under another index, the ok ones are those that count.
 *
 * Keeps hashes instead of texts: about 35 bytes for each record.
 */
export class Ledger {
  readonly #hash: KeyedHash;
  /** By text and index: what was recorded there last. */
  readonly #standings: KeyTable<Uint8Array> = new KeyTable(Uint8Array);
  /** By text: how many records have served no line yet; of each standing its own count. */
  readonly #leftOk: KeyTable<Uint32Array> = new KeyTable(Uint32Array);
  readonly #leftNotOk: KeyTable<Uint32Array> = new KeyTable(Uint32Array);
  /** By text: 1 + the index of the last line that was served by the record of another; by text and index: of the one before. */
  readonly #lastGuest: KeyTable<Uint32Array> = new KeyTable(Uint32Array);
  readonly #guestBefore: KeyTable<Uint32Array> = new KeyTable(Uint32Array);
  #textHigh = 0;
  #textLow = 0;

  constructor(key: Uint32Array = new Uint32Array(new Uint8Array(randomBytes(8)).buffer)) {
    this.#hash = new KeyedHash(key);
  }

  /** Takes one record. Of two of the same text and index the later one counts. */
  add(texts: readonly string[], index: number, standing: Standing): void {
    this.#hashText(texts);
    this.#hashIndex(index);
    const { high, low } = this.#hash;
    const before = this.#standings.set(high, low, standings.indexOf(standing));
    this.#addLeft(standings[before], -1);
    this.#addLeft(standing, 1);
  }

  /** Takes the next line of the list. */
  take(texts: readonly string[], index: number): Verdict {
    this.#hashText(texts);
    const own = this.#own(index);
    const served = this.#serve();
    if (own === 'ok' || own === 'not ok') return served ? { done: served } : { index: this.#takeGuest() };
    if (!served) return { index };
    this.#addGuest(index);
    return { done: served };
  }

  #own(index: number): Standing | undefined {
    if (index > greatestIndex) return undefined;
    this.#hashIndex(index);
    return standings[this.#standings.get(this.#hash.high, this.#hash.low)];
  }

  /** Uses up one record. */
  #serve(): 'ok' | 'not ok' | undefined {
    const served = (['ok', 'not ok'] as const).find(
      (standing) => this.#left(standing).get(this.#textHigh, this.#textLow) > 0,
    );
    this.#addLeft(served, -1);
    return served;
  }

  #addLeft(standing: Standing | undefined, step: 1 | -1): void {
    if (standing === undefined || standing === 'open') return;
    this.#left(standing).add(this.#textHigh, this.#textLow, step);
  }

  #left(standing: 'ok' | 'not ok'): KeyTable<Uint32Array> {
    return standing === 'ok' ? this.#leftOk : this.#leftNotOk;
  }

  #addGuest(index: number): void {
    const before = this.#lastGuest.get(this.#textHigh, this.#textLow);
    this.#lastGuest.set(this.#textHigh, this.#textLow, index + 1);
    if (before === 0) return;
    this.#hashIndex(index);
    this.#guestBefore.set(this.#hash.high, this.#hash.low, before);
  }

  /** There is one: every record that was left for this line and is not there any more has served a guest. */
  #takeGuest(): number {
    const index = this.#lastGuest.get(this.#textHigh, this.#textLow) - 1;
    this.#hashIndex(index);
    const before = this.#guestBefore.get(this.#hash.high, this.#hash.low);
    this.#lastGuest.set(this.#textHigh, this.#textLow, before);
    return index;
  }

  #hashText(texts: readonly string[]): void {
    this.#hash.hashTexts(texts);
    this.#textHigh = this.#hash.high;
    this.#textLow = this.#hash.low;
  }

  #hashIndex(index: number): void {
    this.#hash.hashNumbers(this.#textHigh, this.#textLow, index);
  }
}

/** The greatest index that a ledger can tell from others. */
export const greatestIndex = 0xffff_fffe;

/** By their number in a table, where 0 is none. */
const standings: readonly (Standing | undefined)[] = [undefined, 'open', 'ok', 'not ok'];
