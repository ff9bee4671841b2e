import { FetchError } from '../../http/error.ts';
import { fromRecord } from '../../http/record.ts';
import type { HeadersInput } from '../../http/headers.ts';
import { headerPairs, type RequestBuilder, type Draft } from '../request-builder.ts';
import type { RequestItem } from '../request-item.ts';
import type { Fields } from '../template.ts';
import { MisnamedFields, urlFieldHint } from './misnamed-fields.ts';
import { rawNumber } from './parse-json.ts';

/** Turns parsed JSON into requests: a string is a URL, an object is a request, and a record of an earlier run repeats it. */
export class EntryReader {
  readonly #builder: RequestBuilder;
  readonly #misnamed: MisnamedFields;
  #hasColumns = false;

  /** @param notice receives a message about a field that looks like one of a request, and is not */
  constructor(builder: RequestBuilder, notice: (message: string) => void) {
    this.#builder = builder;
    this.#misnamed = new MisnamedFields(builder, notice);
  }

  /** @param text the JSON, shown where the value has no URL */
  toItem(value: unknown, text: string, line: number): RequestItem {
    const draft: Draft = {};
    const shown = (): string => (typeof value === 'string' ? value : text.trim());
    try {
      const fields = read(value, draft, this.#builder.hasUrlTemplate);
      const carried = isObject(value) ? this.#carried(fields) : undefined;
      if (carried !== undefined) draft.input = carried;
      this.#builder.addChecksums(draft, fields);
      this.#setColumns(value, fields, draft);
      if (carried !== undefined) this.#misnamed.note(value as Fields, fields, line);
      return this.#builder.build(draft, allFields(value), line, shown);
    } catch (error) {
      if (!(error instanceof FetchError)) throw error;
      return this.#builder.reject(error, line, shown(), draft);
    }
  }

  #carried(fields: Fields): Fields | undefined {
    const kept = this.#builder.kept(fields);
    return kept === undefined || Object.keys(kept).length === 0 ? undefined : kept;
  }

  /** The fields of the first entry are the columns that templates may name. */
  #setColumns(value: unknown, carried: Fields, { url: _url, id: _id, input: _input, ...ownParts }: Draft): void {
    if (this.#hasColumns) return;
    this.#hasColumns = true;
    const names = Object.keys(carried);
    const columns = [...new Set([...Object.keys(allFields(value)), ...names])];
    this.#builder.setColumns(columns, names, Object.keys(ownParts).length > 0);
  }
}

/** Reads a value into a draft. Returns the fields that do not belong to the request. */
function read(value: unknown, draft: Draft, needsNoUrl: boolean): Fields {
  if (typeof value === 'string') {
    draft.url = value;
    return {};
  }
  if (!isObject(value)) throw invalid(`Entry is ${kindOf(value)}, not a URL or an object`);
  if (isRecord(value)) return readRecord(value, draft);
  const carried: Record<string, unknown> = {};
  for (const name of Object.keys(value)) {
    if (isTooDeep(value[name], maxDepth)) throw invalid(`'${name}' is nested more than ${maxDepth} levels deep`);
    const set = requestFields.get(name);
    if (set !== undefined) set(draft, value[name], value);
    else define(carried, name, value[name]);
  }
  if (value['json'] !== undefined) draft.headers = withJsonType(draft.headers);
  if (draft.url === undefined && !needsNoUrl) throw invalid(`Entry has no field 'url'${urlFieldHint(value)}`);
  return carried;
}

/** Deepest nesting of a field. Serializing a deeper value could overflow the stack. */
const maxDepth = 100;

function isTooDeep(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isTooDeep(inner, levels - 1));
}

/** Reads a record of an earlier run: the same request again. Returns the fields that it carried. */
function readRecord(record: Fields, draft: Draft): Fields {
  const { url, method, id, input, bodyHash } = record as {
    url: string;
    method: string;
    id?: string;
    input?: Fields;
    bodyHash?: string;
  };
  draft.url = url;
  draft.method = method;
  if (id !== undefined) draft.id = id;
  if (bodyHash !== undefined)
    throw invalid('Entry is a record of a request with a body, and records do not contain request bodies');
  if (/^[^/?#]*\/\/[^/?#]*\*\*\*@/.test(url))
    throw invalid('Entry is a record of a URL with a password, and records do not contain passwords');
  return input ?? {};
}

function isRecord(value: Fields): boolean {
  return value['kind'] !== undefined && value['index'] !== undefined && fromRecord(value) !== undefined;
}

type SetField = (draft: Draft, value: unknown, entry: Fields) => void;

/** The fields that belong to the request. Every other field is carried to the result. */
const requestFields: ReadonlyMap<string, SetField> = new Map<string, SetField>([
  ['url', (draft, value) => (draft.url = requireString('url', value))],
  ['method', (draft, value) => (draft.method = requireString('method', value))],
  ['headers', setHeaders],
  ['body', (draft, value, entry) => setBody(draft, 'body', bodyText(value), entry)],
  ['json', (draft, value, entry) => setBody(draft, 'json', JSON.stringify(value), entry)],
  ['bodyBase64', (draft, value, entry) => setBody(draft, 'bodyBase64', base64Bytes(value), entry)],
  ['id', (draft, value) => (draft.id = idText(value))],
  ['timeoutMs', (draft, value) => (draft.timeoutMs = requireNumber('timeoutMs', value))],
  ['retries', (draft, value) => (draft.retries = requireNumber('retries', value))],
  ['maxBodyBytes', (draft, value) => (draft.maxBodyBytes = requireNumber('maxBodyBytes', value))],
  [
    'expect',
    (draft, value) => (draft.expect = typeof value === 'number' ? String(value) : requireString('expect', value)),
  ],
  ['proxy', (draft, value) => (draft.proxy = requireString('proxy', value))],
  ['file', (draft, value) => (draft.file = requireString('file', value))],
  ['sha256', (draft, value) => (draft.sha256 = sha256Text(value))],
]);

function setHeaders(draft: Draft, value: unknown): void {
  if (!isObject(value) && !Array.isArray(value)) throw invalid(`'headers' must be an object or an array of pairs`);
  draft.headers = value as HeadersInput;
}

/** Adds the content type of a JSON body, unless the entry has its own. */
function withJsonType(headers: HeadersInput = {}): HeadersInput {
  const pairs = headerPairs(headers);
  const isTyped = pairs.some(([name]) => typeof name === 'string' && name.toLowerCase() === 'content-type');
  return isTyped ? headers : [...pairs, ['content-type', 'application/json']];
}

function setBody(draft: Draft, name: string, body: string | Uint8Array, entry: Fields): void {
  const other = ['body', 'json', 'bodyBase64'].find((field) => field !== name && entry[field] !== undefined);
  if (other !== undefined) throw invalid(`Entry has both '${name}' and '${other}'; a request has one body`);
  draft.body = body;
}

function bodyText(value: unknown): string {
  if (typeof value === 'string') return value;
  throw invalid(`'body' must be a string; use 'json' for a JSON value`);
}

function base64Bytes(value: unknown): Uint8Array {
  if (typeof value === 'string' && /^[A-Za-z0-9+/_-]*={0,2}$/.test(value)) return Buffer.from(value, 'base64');
  throw invalid(`'bodyBase64' must be base64 text`);
}

function idText(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : (rawNumber(value) ?? value);
  if (typeof text === 'string') return text;
  throw invalid(`'id' must be a string or a number`);
}

function sha256Text(value: unknown): string {
  if (typeof value === 'string' && /^[0-9a-f]{64}$/i.test(value)) return value.toLowerCase();
  throw invalid(`'sha256' must be 64 hexadecimal digits`);
}

function requireString(name: string, value: unknown): string {
  if (typeof value === 'string') return value;
  throw invalid(`'${name}' must be a string`);
}

function requireNumber(name: string, value: unknown): number {
  if (typeof value === 'number') return value;
  throw invalid(`'${name}' must be a number`);
}

/** Returns the fields that templates may use. A plain URL is the field `value`. */
function allFields(value: unknown): Fields {
  return isObject(value) ? value : { value };
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`;
}

/** Sets a field of any name. Assigning to `__proto__` would change the prototype instead. */
function define(fields: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== '__proto__') fields[name] = value;
  else Object.defineProperty(fields, name, { value, enumerable: true, writable: true, configurable: true });
}

function invalid(message: string): FetchError {
  return new FetchError('REQUEST_INVALID', message);
}
