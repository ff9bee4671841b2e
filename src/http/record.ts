import { withoutUndefined } from '../collections/without-undefined.ts';
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
  /** The kind of error. A record of a later version may have a code that this one does not know. */
  readonly code: FetchErrorCode;
  /** One line for people; the wording may change between versions. */
  readonly message: string;
  /** True if another attempt may succeed. */
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

/**
 * A result as plain data: one line of a JSON Lines file. All times are in milliseconds, rounded to microseconds; all
 * sizes are in bytes. A field that is not known is absent.
 *
 * | field | meaning |
 * |---|---|
 * | `index` | position in the input, from 0 |
 * | `url` | the URL as given; a password is shown as `***` |
 * | `method` | the HTTP method, in upper case |
 * | `kind` | `response`, `failure` or `cancelled` |
 * | `ok` | the status is one of the expected ones; false for failures and cancelled requests |
 * | `status` | the HTTP status, of a response |
 * | `length` | size of the decoded body; of a failure, of the part that arrived |
 * | `wireLength` | size of the body as received, before decoding |
 * | `elapsedMs` | from the first dispatch to the end of the last attempt, time in our own queue excluded |
 * | `attempts` | number of attempts; 0 if the request was never sent |
 * | `error` | `code`, `message` and `retryable`, of a failure or a cancelled request |
 * | `complete` | `framed` if the protocol proved the body complete, `unverified` if it ended with the connection |
 * | `finalUrl` | the URL that answered, without user info and fragment |
 * | `redirects` | number of redirects followed |
 * | `headers` | response headers, if asked for: names in lower case, `set-cookie` an array |
 * | `timingsMs` | phases of the last attempt: `queue`, `dns`, `connect`, `proxy`, `tls`, `firstByte`, `download` |
 * | `at` | time of the first dispatch, ISO 8601 in UTC; absent if never sent |
 * | `id` | the caller's own name for the request |
 * | `proxy` | the proxy of the last attempt, without user info |
 * | `bodyHash` | the first 32 hexadecimal digits of the SHA-256 of the request body |
 * | `headersHash` | the first 32 hexadecimal digits of the SHA-256 of the request's own header fields |
 * | `from` | with `follow`: index of the result that led to this request |
 * | `followed` | with `follow`: URLs of the requests that this result added to the run |
 * | `unexpected` | what a response misses of what was expected besides its status: `type`, `body`, `time` |
 * | `source` | name of the list that the request comes from, if there are several |
 * | `line` | line in that list, from 1 |
 * | `input` | columns or fields of the list that do not belong to the request |
 */
export type ResultRecord = ResponseRecord | FailureRecord | CancelledRecord;

/** The optional content of a record. */
export interface RecordOptions {
  /** Includes the response headers. @default false */
  readonly includeHeaders?: boolean;
}

/** Makes a record of a result, or of another record: fields in their fixed order, times rounded to microseconds. */
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
      const size = { length, ...withoutUndefined({ wireLength }) };
      const source = withoutUndefined({ complete, finalUrl, redirects });
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

/** Adds the last fields, if known. One by one, for speed: this runs for every record. */
function addKnown(
  record: Mutable<ResultRecord>,
  headers: ResponseHeaders | undefined,
  result: FetchResult | ResultRecord,
): ResultRecord {
  const { timingsMs = {}, at, id, proxy, bodyHash, headersHash, from, followed, input, line, source } = result;
  const timings = roundedTimings(timingsMs);
  if (headers !== undefined) (record as Mutable<ResponseRecord>).headers = headers;
  if (timings !== undefined) record.timingsMs = timings;
  if (at !== undefined) record.at = at;
  if (id !== undefined) record.id = id;
  if (proxy !== undefined) record.proxy = proxy;
  if (bodyHash !== undefined) record.bodyHash = bodyHash;
  if (headersHash !== undefined) record.headersHash = headersHash;
  if (from !== undefined) record.from = from;
  if (followed !== undefined) record.followed = followed;
  if (source !== undefined) record.source = source;
  if (line !== undefined) record.line = line;
  if (input !== undefined) record.input = input;
  if (result.kind === 'response') addBodyFields(record as Mutable<ResponseRecord>, result);
  return record;
}

function addBodyFields(
  record: Mutable<ResponseRecord>,
  fields: BodyFields & Validators & Pick<ResponseResult, 'resumedFrom' | 'unexpected' | 'warc'>,
): void {
  const { unexpected, mediaType, etag, lastModified, file, sha256, deduplicated, resumedFrom, unchanged, warc } =
    fields;
  if (unexpected !== undefined) record.unexpected = unexpected;
  if (mediaType !== undefined) record.mediaType = mediaType;
  if (etag !== undefined) record.etag = etag;
  if (lastModified !== undefined) record.lastModified = lastModified;
  if (file !== undefined) record.file = file;
  if (sha256 !== undefined) record.sha256 = sha256;
  if (deduplicated !== undefined) record.deduplicated = deduplicated;
  if (resumedFrom !== undefined) record.resumedFrom = resumedFrom;
  if (unchanged !== undefined) record.unchanged = unchanged;
  if (warc !== undefined) record.warc = warc;
  const { bodyEncoding, body, bodyOmitted } = fields;
  if (bodyOmitted !== undefined) record.bodyOmitted = bodyOmitted;
  if (bodyEncoding !== undefined) record.bodyEncoding = bodyEncoding;
  if (body !== undefined) record.body = body;
}

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] };

/**
 * Reads one line of JSON Lines; undefined if it is blank, incomplete or not a record. Checks as {@link fromRecord}
 * does.
 */
export function parseRecord(line: string): ResultRecord | undefined {
  // Some files have millions of blank lines, and an exception for each would be slow.
  if (!beginsObject.test(line)) return undefined;
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

/** The start of every line that we write. */
export const recordStart = '{"index":';

/** The longest line in bytes: longer than any record whose headers and URLs are within their limits. */
export const maxRecordBytes: number = 64 * 1024 * 1024;

const beginsObject = /^\s*\{/;

/**
 * Checks a parsed JSON value, which may come from anywhere: returns a record with valid, known fields only, or
 * undefined. A value with a `version` is a record of another version.
 */
export function fromRecord(value: unknown): ResultRecord | undefined {
  // Reserved for versions in which the same fields mean something else.
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
const isTime: Check = (value) => Number.isFinite(value) && (value as number) >= 0 && (value as number) <= maxTimeMs;
/** Some 30 years. Larger values would overflow sums and charts. */
const maxTimeMs = 1e12;

const isHeader: Check = (value) => isString(value) || (Array.isArray(value) && value.every(isString));
const isError: Check = (value) =>
  isObject(value) && isCode(value['code']) && isString(value['message']) && typeof value['retryable'] === 'boolean';
/** Accepts codes of later versions too, but nothing that a terminal or a page could act on. */
const isCode: Check = (value) => typeof value === 'string' && /^[A-Z_]{1,40}$/.test(value);

/** Accepts words of later versions too. */
const isWord: Check = (value) => typeof value === 'string' && /^[a-z]{1,20}$/.test(value);

/** Every field in the order of a record, with its check. */
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
  ['proxy', isString],
  ['bodyHash', isString],
  ['headersHash', isString],
  ['from', isCount],
  ['followed', (value) => Array.isArray(value) && value.every(isString)],
  ['source', isString],
  ['line', isCount],
  ['input', isObject],
  ['unexpected', (value) => Array.isArray(value) && value.every(isWord)],
  ['mediaType', isString],
  ['etag', isString],
  ['lastModified', isString],
  ['file', isString],
  ['sha256', isString],
  ['deduplicated', (value) => value === true],
  ['resumedFrom', isCount],
  ['unchanged', (value) => value === true],
  ['warc', (value) => isObject(value) && isString(value['file']) && isCount(value['offset'])],
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

/** Copies headers to an object in which `__proto__` and `constructor` are names like any other. */
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

const phases = ['queue', 'dns', 'connect', 'proxy', 'tls', 'firstByte', 'download'] as const;
