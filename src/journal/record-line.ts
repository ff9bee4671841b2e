import type { ArchivePlace } from '../http/exchange-archive.ts';
import { parseRecord, type ResultRecord } from '../http/record.ts';

/** The state of a request by its record; an `open` request has to be made again. */
export type RecordState = 'open' | 'ok' | 'not ok';

/** Every state of a record, by its number in a table of numbers; 0 means no record. */
export const recordStates: readonly (RecordState | undefined)[] = [undefined, 'open', 'ok', 'not ok'];

/** The state of a line of the list: done, or to be fetched under an index. */
export type LineState = { readonly done: 'ok' | 'not ok' } | { readonly index: number };

/** The part of a record that a ledger needs. */
export interface Entry {
  readonly index: number;
  readonly state: RecordState;
  /** The texts that identify its request, see {@link textsOf}. */
  readonly texts: readonly string[];
  /** Where the body is, if it was saved or archived. */
  readonly saved?: SavedBody;
  /** URLs that its response led to. */
  readonly followed?: readonly string[];
}

/** The record of a request whose body was saved or archived. */
export interface SavedBody {
  readonly method: string;
  readonly url: string;
  readonly bodyHash?: string;
  /** The file, relative to the folder of saved bodies. */
  readonly file?: string;
  /** The place of the response in a WARC file. */
  readonly warc?: ArchivePlace;
  /** Bytes of the body after and before decoding. */
  readonly length: number;
  readonly wireLength: number;
  readonly sha256?: string;
}

/** Returns the texts that identify a request: equal requests have equal texts. */
export function textsOf(request: {
  readonly method: string;
  readonly url: string;
  readonly bodyHash?: string | undefined;
  readonly headersHash?: string | undefined;
  readonly id?: string | undefined;
}): readonly string[] {
  const { method, url, bodyHash = '', headersHash, id } = request;
  const texts = [method, url, bodyHash, id === undefined ? '' : `#${id}`];
  return headersHash === undefined ? texts : [...texts, headersHash];
}

/** Reads any line; undefined if it is not a record. */
export function readEntry(line: string): Entry | undefined {
  const record = parseRecord(line);
  if (!record) return undefined;
  const { index } = record;
  const { followed } = record;
  const entry = { index, state: stateOf(record), texts: textsOf(record), ...(followed && { followed }) };
  const isSaved = record.kind === 'response' && (record.file !== undefined || record.warc !== undefined);
  return isSaved ? { ...entry, saved: record } : entry;
}

function stateOf(record: ResultRecord): RecordState {
  if (mustBeSentAgain(record)) return 'open';
  return record.ok ? 'ok' : 'not ok';
}

/** Tells whether a request was stopped, by its caller or since its body found no room, so that a resumed run sends it again. */
export function mustBeSentAgain(record: ResultRecord): boolean {
  return record.kind === 'cancelled' || (record.kind === 'failure' && record.error.code === 'DISK_FULL');
}

/** Tells whether a line is a complete JSON object, and not just the start of a record. */
export function isWholeObject(line: string): boolean {
  return isObject(parsed(line));
}

/** Returns the reason why a line is not one of our records. */
export function faultOf(line: string): string {
  const value = parsed(line);
  if (!isObject(value) || !('version' in value)) return 'is not a fetchmany record';
  const { version } = value;
  return `is from another version of fetchmany${Number.isSafeInteger(version) ? ` (record version ${String(version)})` : ''}`;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/**
 * Reads the line from `start` to `end`, its line break included, if it is a record exactly as we write it, in plain
 * ASCII without escapes: four times as fast as {@link readEntry}. Undefined for every other line.
 */
export function readPlainEntry(lines: string, start: number, end: number): Entry | undefined {
  plainRecord.lastIndex = start;
  const match = plainRecord.exec(lines);
  if (!match || plainRecord.lastIndex !== end) return undefined;
  const [, index, url = '', method = '', ok, id, bodyHash, headersHash] = match;
  const state = ok === 'true' ? 'ok' : 'not ok';
  return { index: Number(index), state, texts: textsOf({ method, url, bodyHash, headersHash, id }) };
}

const text = String.raw`[ !#-\[\]-~]*`;
const quotedText = String.raw`(?:[ !#-\[\]-~]|\\")*`;
const count = String.raw`(?:0|[1-9]\d{0,14})`;
const time = String.raw`(?:0|[1-9]\d{0,11})(?:\.\d+)?`;
const code = '[A-Z_]{1,40}';
/** A column of a table, or a simple field of an object. */
const column = `"${text}":(?:"${text}"|-?${count}|true|false|null)`;
const timing = `"[A-Za-z]+":${time}`;

const source = `"complete":"(?:framed|unverified)","finalUrl":"${text}","redirects":${count}`;
const response = `"response","ok":(true|false),"status":${count},"length":${count},"wireLength":${count},"elapsedMs":${time},"attempts":${count},${source}`;
const error = `\\{"code":"(?!DISK_FULL)${code}","message":"${text}","retryable":(?:true|false)\\}`;
const failure =
  `"failure","ok":false,"length":${count}(?:,"wireLength":${count})?,"elapsedMs":${time},"attempts":${count},"error":${error}` +
  `(?:,"complete":"(?:framed|unverified)")?(?:,"finalUrl":"${text}")?(?:,"redirects":${count})?`;

const plainRecord = new RegExp(
  `\\{"index":(${count}),"url":"(${text})","method":"(${text})","kind":(?:${response}|${failure})` +
    `(?:,"timingsMs":\\{(?:${timing}(?:,${timing})*)?\\})?(?:,"at":"${text}")?(?:,"id":"(${text})")?(?:,"bodyHash":"(${text})")?` +
    `(?:,"headersHash":"(${text})")?(?:,"source":"${text}")?(?:,"line":${count})?(?:,"input":\\{(?:${column}(?:,${column})*)?\\})?` +
    `(?:,"mediaType":"${text}")?(?:,"etag":"${quotedText}")?(?:,"lastModified":"${text}")?\\}\\n`,
  'y',
);
