import { parseRecord, type ResultRecord } from '../http/record.ts';
import type { RecordState } from './standing.ts';

/** What a ledger wants to know of a record. */
export interface Entry {
  readonly index: number;
  readonly standing: RecordState;
  /** By which its request is known again. */
  readonly texts: readonly string[];
  /** The file that holds the body, if it was saved. */
  readonly saved?: SavedBody;
}

/** The record of a request whose body was saved. */
export interface SavedBody {
  readonly method: string;
  readonly url: string;
  readonly bodyHash?: string;
  /** The file, relative to the folder of saved bodies. */
  readonly file: string;
  /** Bytes of the body after and before decoding. */
  readonly length: number;
  readonly wireLength: number;
  readonly sha256?: string;
}

/** By which a request is known again: equal for equal ones. */
export function textsOf(request: {
  readonly method: string;
  readonly url: string;
  readonly bodyHash?: string | undefined;
  readonly id?: string | undefined;
}): readonly string[] {
  const { method, url, bodyHash = '', id } = request;
  return [method, url, bodyHash, id === undefined ? '' : `#${id}`];
}

/** Reads any line; undefined if it is no record. */
export function readEntry(line: string): Entry | undefined {
  const record = parseRecord(line);
  if (!record) return undefined;
  const { index } = record;
  const entry = { index, standing: standingOf(record), texts: textsOf(record) };
  return record.kind === 'response' && record.file !== undefined ? { ...entry, saved: record as SavedBody } : entry;
}

/** A request whose body found no room was stopped by this machine, and has to be sent again. */
function standingOf(record: ResultRecord): RecordState {
  if (record.kind === 'cancelled' || (record.kind === 'failure' && record.error.code === 'DISK_FULL')) return 'open';
  return record.ok ? 'ok' : 'not ok';
}

/** Whether a line is more than the torn start of a record: all of something else. */
export function isWholeObject(line: string): boolean {
  return isObject(parsed(line));
}

/** Why a line is refused that is no record. */
export function faultOf(line: string): string {
  const value = parsed(line);
  if (!isObject(value) || !('version' in value)) return 'is no record of fetchmany';
  const { version } = value;
  return `is of another version of fetchmany${Number.isSafeInteger(version) ? ` (records of version ${String(version)})` : ''}`;
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
 * Reads the line from `start` to `end`, its line break included, if it is a record just as we write it and has nothing but
 * plain letters in it: four times as fast as any line can be read. Undefined of every other line.
 */
export function readPlainEntry(lines: string, start: number, end: number): Entry | undefined {
  plainRecord.lastIndex = start;
  const match = plainRecord.exec(lines);
  if (!match || plainRecord.lastIndex !== end) return undefined;
  const [, index, url = '', method = '', ok, id, bodyHash] = match;
  const standing = ok === 'true' ? 'ok' : 'not ok';
  return { index: Number(index), standing, texts: textsOf({ method, url, bodyHash, id }) };
}

const text = String.raw`[ !#-\[\]-~]*`;
const quotedText = String.raw`(?:[ !#-\[\]-~]|\\")*`;
const count = String.raw`(?:0|[1-9]\d{0,14})`;
const time = String.raw`(?:0|[1-9]\d{0,14})(?:\.\d+)?`;
const timing = `"[A-Za-z]+":${time}`;

const source = `"complete":"(?:framed|unverified)","finalUrl":"${text}","redirects":${count}`;
const response = `"response","ok":(true|false),"status":${count},"length":${count},"wireLength":${count},"elapsedMs":${time},"attempts":${count},${source}`;
const error = `\\{"code":"(?!DISK_FULL)${text}","message":"${text}","retryable":(?:true|false)\\}`;
const failure =
  `"failure","ok":false,"length":${count}(?:,"wireLength":${count})?,"elapsedMs":${time},"attempts":${count},"error":${error}` +
  `(?:,"complete":"(?:framed|unverified)")?(?:,"finalUrl":"${text}")?(?:,"redirects":${count})?`;

const plainRecord = new RegExp(
  `\\{"index":(${count}),"url":"(${text})","method":"(${text})","kind":(?:${response}|${failure})` +
    `(?:,"timingsMs":\\{(?:${timing}(?:,${timing})*)?\\})?(?:,"at":"${text}")?(?:,"id":"(${text})")?(?:,"bodyHash":"(${text})")?` +
    `(?:,"mediaType":"${text}")?(?:,"etag":"${quotedText}")?(?:,"lastModified":"${text}")?\\}\\n`,
  'y',
);
