import { HashTable } from '../collections/hash-table.ts';
import { KeyedHash } from '../collections/keyed-hash.ts';
import { label } from '../http/result.ts';
import type { ResultRecord } from '../http/record.ts';

/** How a URL's record differs between two runs. */
export type DifferenceKind = 'failing' | 'fixed' | 'status' | 'content' | 'slower' | 'new' | 'gone';

/** One URL whose record differs between two runs. */
export interface Difference {
  readonly kind: DifferenceKind;
  readonly url: string;
  readonly method: string;
  /** The status or error code of each run; absent where the run has no such URL. */
  readonly oldLabel?: string;
  readonly newLabel?: string;
  /** Elapsed milliseconds in each run. */
  readonly oldMs?: number;
  readonly newMs?: number;
  /** Of other content: bytes of the decoded body in each run. */
  readonly oldLength?: number;
  readonly newLength?: number;
}

/**
 * Compares two runs, record by record: first `addOld()` for each record of the old run, then `compare()` for each of the new
 * one, then `gone()` for each of the old one again. Records match by method, URL and request body, the first with the first
 * where there are several. Some 70 bytes per record of the old run are kept, and no text.
 */
export class RunDiff {
  readonly #table = new HashTable();
  readonly #hash = new KeyedHash(crypto.getRandomValues(new Uint32Array(2)));
  readonly #labels: string[] = [];
  readonly #labelNumbers = new Map<string, number>();
  #columns = new Columns(1024);
  #comparedByLength = 0;
  #size = 0;
  #goneAt = 0;

  /** Number of responses that were taken for equal because their lengths are: nothing else was recorded of their content. */
  get comparedByLength(): number {
    return this.#comparedByLength;
  }

  /** Takes a record of the old run. */
  addOld(record: ResultRecord): void {
    const at = this.#size;
    this.#size += 1;
    if (at === this.#columns.capacity) this.#columns = this.#columns.grown();
    const columns = this.#columns;
    this.#find(record);
    this.#append(at);
    columns.label[at] = this.#numberOf(labelOf(record)) * 2 + Number(record.ok);
    columns.elapsedMs[at] = record.elapsedMs;
    columns.length[at] = lengthOf(record);
    if (record.kind !== 'response') return;
    columns.content[at] = this.#hashOf(record.sha256);
    columns.body[at] = this.#hashOf(record.body);
    columns.encoding[at] = encodings.indexOf(record.bodyEncoding);
    columns.etag[at] = this.#hashOf(record.etag);
    columns.place[at] = this.#hashOf(record.finalUrl);
    columns.type[at] = this.#hashOf(record.mediaType);
  }

  /** How a record of the new run differs from that of the old one; undefined if it does not. */
  compare(record: ResultRecord): Difference | undefined {
    const at = this.#take(record);
    const { url, method, elapsedMs: newMs } = record;
    const newLabel = labelOf(record);
    if (at === undefined) return { kind: 'new', url, method, newLabel, newMs };
    const columns = this.#columns;
    const oldLabel = this.#labels[columns.label[at]! >>> 1]!;
    const wasOk = columns.label[at]! % 2 === 1;
    const oldMs = columns.elapsedMs[at]!;
    const kind = this.#kindOf(record, at, wasOk, oldLabel !== newLabel);
    if (kind === undefined) return undefined;
    const lengths = kind === 'content' ? { oldLength: columns.length[at]!, newLength: lengthOf(record) } : {};
    return { kind, url, method, oldLabel, newLabel, oldMs, newMs, ...lengths };
  }

  /** The difference of a record of the old run that the new one has no record for. To be called for each, in their order. */
  gone(record: ResultRecord): Difference | undefined {
    const at = this.#goneAt;
    this.#goneAt += 1;
    if (this.#columns.isTaken[at] === 1) return undefined;
    const { url, method, elapsedMs: oldMs } = record;
    return { kind: 'gone', url, method, oldLabel: labelOf(record), oldMs };
  }

  #kindOf(record: ResultRecord, at: number, wasOk: boolean, isRelabelled: boolean): DifferenceKind | undefined {
    if (wasOk !== record.ok) return record.ok ? 'fixed' : 'failing';
    if (isRelabelled) return 'status';
    if (this.#hasOtherContent(record, at)) return 'content';
    const oldMs = this.#columns.elapsedMs[at]!;
    return record.elapsedMs >= 2 * oldMs && record.elapsedMs >= oldMs + minSlowerMs ? 'slower' : undefined;
  }

  /** By checksum where both runs have one, else by the bodies where both runs have them, else by length. */
  #hasOtherContent(record: ResultRecord, at: number): boolean {
    if (record.kind !== 'response') return false;
    const columns = this.#columns;
    if (columns.place[at] !== this.#hashOf(record.finalUrl)) return true;
    const type = this.#hashOf(record.mediaType);
    if (type !== 0 && columns.type[at] !== 0 && type !== columns.type[at]) return true;
    const content = this.#hashOf(record.sha256);
    if (content !== 0 && columns.content[at] !== 0) return content !== columns.content[at];
    const body = this.#hashOf(record.body);
    const isSameEncoding = encodings[columns.encoding[at]!] === record.bodyEncoding;
    if (isSameEncoding && body !== 0 && columns.body[at] !== 0) return body !== columns.body[at];
    if (record.length !== columns.length[at]) return true;
    const etag = this.#hashOf(record.etag);
    const isSaidToBeEqual = record.unchanged === true || (etag !== 0 && etag === columns.etag[at]);
    if (record.length > 0 && !isSaidToBeEqual) this.#comparedByLength += 1;
    return false;
  }

  /** Puts a record behind those of equal requests. The table has the first of them, and the first knows the last. */
  #append(at: number): void {
    const { next, last } = this.#columns;
    const first = this.#table.get(this.#hash.high, this.#hash.low) - 1;
    if (first < 0) this.#table.set(this.#hash.high, this.#hash.low, at + 1);
    else next[last[first]!] = at + 1;
    last[first < 0 ? at : first] = at;
  }

  /** Takes the first old record of an equal request that is not taken yet. */
  #take(record: ResultRecord): number | undefined {
    const { next, last, isTaken } = this.#columns;
    this.#find(record);
    const first = this.#table.get(this.#hash.high, this.#hash.low) - 1;
    if (first < 0) return undefined;
    const following = next[first]!;
    this.#table.set(this.#hash.high, this.#hash.low, following);
    if (following > 0) last[following - 1] = last[first]!;
    isTaken[first] = 1;
    return first;
  }

  #find({ method, url, bodyHash = '' }: ResultRecord): void {
    this.#hash.hashTexts([method, url, bodyHash]);
  }

  #hashOf(text: string | undefined): number {
    if (text === undefined) return 0;
    this.#hash.hashTexts([text]);
    return this.#hash.low || 1;
  }

  #numberOf(text: string): number {
    const known = this.#labelNumbers.get(text);
    if (known !== undefined) return known;
    this.#labelNumbers.set(text, this.#labels.length);
    return this.#labels.push(text) - 1;
  }
}

/** The ways in which a body may be recorded. */
const encodings: readonly (string | undefined)[] = [undefined, 'text', 'json', 'base64'];

/** Below this, being slower is noise. */
const minSlowerMs = 500;

/** What is kept of the old run, in columns: numbers side by side take a tenth of what objects do. */
class Columns {
  readonly capacity: number;
  readonly next: Uint32Array;
  readonly last: Uint32Array;
  readonly label: Uint32Array;
  readonly content: Uint32Array;
  readonly body: Uint32Array;
  readonly encoding: Uint8Array;
  readonly etag: Uint32Array;
  readonly place: Uint32Array;
  readonly type: Uint32Array;
  readonly elapsedMs: Float64Array;
  readonly length: Float64Array;
  readonly isTaken: Uint8Array;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.next = new Uint32Array(capacity);
    this.last = new Uint32Array(capacity);
    this.label = new Uint32Array(capacity);
    this.content = new Uint32Array(capacity);
    this.body = new Uint32Array(capacity);
    this.encoding = new Uint8Array(capacity);
    this.etag = new Uint32Array(capacity);
    this.place = new Uint32Array(capacity);
    this.type = new Uint32Array(capacity);
    this.elapsedMs = new Float64Array(capacity);
    this.length = new Float64Array(capacity);
    this.isTaken = new Uint8Array(capacity);
  }

  grown(): Columns {
    const grown = new Columns(2 * this.capacity);
    for (const name of [
      'next',
      'last',
      'label',
      'content',
      'body',
      'encoding',
      'etag',
      'place',
      'type',
      'elapsedMs',
      'length',
      'isTaken',
    ] as const) {
      grown[name].set(this[name]);
    }
    return grown;
  }
}

/** A body that is unchanged is as good as one that was sent again. */
function labelOf(record: ResultRecord): string {
  return record.kind === 'response' && record.unchanged ? '200' : label(record);
}

function lengthOf(record: ResultRecord): number {
  return record.kind === 'response' ? record.length : -1;
}
