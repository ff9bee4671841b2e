import type { BodyFields, Validators } from './body-writer.ts';
import type { FetchErrorCode } from './error.ts';
import { readRecordBody } from './record-body-json.ts';
import type {
  CancelledResult,
  FailureResult,
  FetchResult,
  ResponseHeaders,
  ResponseResult,
  Timings,
} from './result.ts';

/** The error of a record: a `FetchError` as plain data. */
export interface RecordError {
  readonly code: FetchErrorCode;
  readonly message: string;
  readonly retryable: boolean;
}

type Live = 'bytes' | 'text' | 'json' | 'error' | 'headers' | 'timingsMs';
type Plain<Result> = Omit<Result, Live> & { readonly timingsMs?: Timings };

/** A response as plain data. */
export type ResponseRecord = Plain<ResponseResult> & { readonly headers?: ResponseHeaders };
/** A failure as plain data. */
export type FailureRecord = Plain<FailureResult> & { readonly error: RecordError };
/** A cancelled request as plain data. */
export type CancelledRecord = Plain<CancelledResult> & { readonly error: RecordError };

/** A result as plain data, as one line of a JSON Lines file holds it. */
export type ResultRecord = ResponseRecord | FailureRecord | CancelledRecord;

/** Selects the fields of a record that are left out by default. */
export interface RecordOptions {
  /** Includes the headers of responses. @default false */
  readonly includeHeaders?: boolean;
}

/**
 * Converts a result, or a record that was read back, to a record ready for `JSON.stringify`: fields in a fixed order, times in
 * milliseconds rounded to the microsecond. Unknown fields are absent, not null.
 */
export function toRecord(
  result: FetchResult | ResultRecord,
  { includeHeaders = false }: RecordOptions = {},
): ResultRecord {
  const { index, url, method, attempts } = result;
  const elapsedMs = rounded(result.elapsedMs);
  switch (result.kind) {
    case 'response': {
      const { kind, ok, status, length, wireLength, complete, finalUrl, redirects } = result;
      const size = { index, url, method, kind, ok, status, length, wireLength, elapsedMs, attempts };
      const record = { ...size, complete, finalUrl, redirects };
      return addKnown(record, includeHeaders ? result.headers : undefined, result);
    }
    case 'failure': {
      const { kind, ok, length, wireLength, complete, finalUrl, redirects } = result;
      const size = { length, ...known({ wireLength }) };
      const source = known({ complete, finalUrl, redirects });
      const error = plainError(result.error);
      const record = { index, url, method, kind, ok, ...size, elapsedMs, attempts, error, ...source };
      return addKnown(record, undefined, result);
    }
    case 'cancelled': {
      const { kind, ok } = result;
      const record = { index, url, method, kind, ok, elapsedMs, attempts, error: plainError(result.error) };
      return addKnown(record, undefined, result);
    }
    default:
      return result satisfies never;
  }
}

/** The last fields, as far as they are known. One by one: this is done for every record. */
function addKnown(
  record: Mutable<ResultRecord>,
  headers: ResponseHeaders | undefined,
  result: FetchResult | ResultRecord,
): ResultRecord {
  const { timingsMs = {}, at, id, bodyHash } = result;
  const timings = roundedTimings(timingsMs);
  if (headers !== undefined) (record as Mutable<ResponseRecord>).headers = headers;
  if (timings !== undefined) record.timingsMs = timings;
  if (at !== undefined) record.at = at;
  if (id !== undefined) record.id = id;
  if (bodyHash !== undefined) record.bodyHash = bodyHash;
  if (result.kind === 'response') addBodyFields(record as Mutable<ResponseRecord>, result);
  return record;
}

function addBodyFields(
  record: Mutable<ResponseRecord>,
  fields: BodyFields & Validators & { readonly resumedFrom?: number },
): void {
  const { mediaType, etag, lastModified, file, sha256, deduplicated, resumedFrom, unchanged } = fields;
  if (mediaType !== undefined) record.mediaType = mediaType;
  if (etag !== undefined) record.etag = etag;
  if (lastModified !== undefined) record.lastModified = lastModified;
  if (file !== undefined) record.file = file;
  if (sha256 !== undefined) record.sha256 = sha256;
  if (deduplicated !== undefined) record.deduplicated = deduplicated;
  if (resumedFrom !== undefined) record.resumedFrom = resumedFrom;
  if (unchanged !== undefined) record.unchanged = unchanged;
  const { bodyEncoding, body, bodyOmitted } = fields;
  if (bodyOmitted !== undefined) record.bodyOmitted = bodyOmitted;
  if (bodyEncoding !== undefined) record.bodyEncoding = bodyEncoding;
  if (body !== undefined) record.body = body;
}

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] };

/**
 * Parses one line of JSON Lines; undefined if it is incomplete or not a record. A file may hold anything, so every field is
 * checked, and unknown fields are dropped. A record with a `version` is refused: ours have none.
 */
export function parseRecord(line: string): ResultRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  const record = fromRecord(value);
  const hasBody = record?.kind === 'response' && (record.bodyEncoding ?? record.bodyOmitted) !== undefined;
  return hasBody ? Object.assign(record, readRecordBody(line, value as Fields)) : record;
}

/** Checks a record that has been parsed from JSON already; undefined if it is not one. See {@link parseRecord}. */
export function fromRecord(value: unknown): ResultRecord | undefined {
  // Ours hold none: it is there for one that means something else by the same fields.
  if (!isObject(value) || 'version' in value) return undefined;
  const required = requiredFields.get(value['kind']);
  if (required === undefined || (value['kind'] !== 'response' && value['ok'] !== false)) return undefined;
  const record: Fields = {};
  for (const [name, isValid] of fields) {
    const field = value[name];
    if (field === undefined && !required.has(name)) continue;
    if (!isValid(field)) return undefined;
    record[name] = name === 'headers' ? withoutPrototype(field as object) : field;
  }
  return record as unknown as ResultRecord;
}

type Fields = Record<string, unknown>;
type Check = (value: unknown) => boolean;

const isString: Check = (value) => typeof value === 'string';
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isTime: Check = (value) => Number.isFinite(value) && (value as number) >= 0;
const isHeader: Check = (value) => isString(value) || (Array.isArray(value) && value.every(isString));
const isError: Check = (value) =>
  isObject(value) && isString(value['code']) && isString(value['message']) && typeof value['retryable'] === 'boolean';

/** Every field, in the order of the records, and what it may hold. */
const fields: ReadonlyMap<string, Check> = new Map<string, Check>([
  ['index', isCount],
  ['url', isString],
  ['method', isString],
  ['kind', isString],
  ['ok', (value) => typeof value === 'boolean'],
  ['status', isCount],
  ['length', isCount],
  ['wireLength', isCount],
  ['elapsedMs', isTime],
  ['attempts', isCount],
  ['error', isError],
  ['complete', (value) => value === 'framed' || value === 'unverified'],
  ['finalUrl', isString],
  ['redirects', isCount],
  ['headers', (value) => isObject(value) && Object.values(value).every(isHeader)],
  ['timingsMs', (value) => isObject(value) && Object.values(value).every(isTime)],
  ['at', isString],
  ['id', isString],
  ['bodyHash', isString],
  ['mediaType', isString],
  ['etag', isString],
  ['lastModified', isString],
  ['file', isString],
  ['sha256', isString],
  ['deduplicated', (value) => value === true],
  ['resumedFrom', isCount],
  ['unchanged', (value) => value === true],
  ['bodyOmitted', (value) => value === 'size'],
  ['bodyEncoding', (value) => value === 'text' || value === 'json' || value === 'base64'],
]);

const always = ['index', 'url', 'method', 'kind', 'ok', 'elapsedMs', 'attempts'];

const requiredFields: ReadonlyMap<unknown, ReadonlySet<string>> = new Map([
  ['response', new Set([...always, 'status', 'length', 'wireLength', 'complete', 'finalUrl', 'redirects'])],
  ['failure', new Set([...always, 'length', 'error'])],
  ['cancelled', new Set([...always, 'error'])],
]);

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A copy in which `__proto__` and `constructor` are names like any other. */
function withoutPrototype(headers: object): object {
  return Object.assign(Object.create(null) as object, headers);
}

function plainError({ code, message, retryable }: RecordError): RecordError {
  return { code, message, retryable };
}

function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}

function roundedTimings(timings: Timings): Timings | undefined {
  let some: Timings | undefined;
  for (const phase of phases) {
    const milliseconds = timings[phase];
    if (milliseconds !== undefined) (some ??= {})[phase] = rounded(milliseconds);
  }
  return some;
}

const phases = ['queue', 'dns', 'connect', 'tls', 'firstByte', 'download'] as const;

/** The fields that have a value: one that is not known is not in a record. */
function known<T extends object>(all: T): { [Name in keyof T]?: Exclude<T[Name], undefined> } {
  const some: Fields = {};
  for (const [name, value] of Object.entries(all)) {
    if (value !== undefined) some[name] = value;
  }
  return some as { [Name in keyof T]?: Exclude<T[Name], undefined> };
}
