import { createHash } from 'node:crypto';
// The default import: Node 20 has no zstd, and a named import of it would fail before the sentence of supported-node.ts.
import zlib from 'node:zlib';
import type { ExpectOptions, FetcherOptions } from '../fetcher/options.ts';
import { canonicalOrigin } from '../http/canonical-get.ts';
import { parseHeaders, type HeadersInput } from '../http/headers.ts';
import { parseRequest, type RequestInput, type RequestObject } from '../http/request.ts';
import type { OriginState } from '../scheduling/limits.ts';
import { hostKey } from './host-key.ts';
import { decodeJson, encodeJson } from './tagged-json.ts';

/** The number of this form of messages. A worker refuses a run with a greater one. */
export const protocol = 1;

/** What a request that was handed back has behind it. */
export interface Progress {
  /** Attempts so far. */
  readonly attempts: number;
  /** Milliseconds since its first dispatch, waits in queues excluded. */
  readonly elapsedMs: number;
  /** ISO 8601 time of its first dispatch. */
  readonly at?: string;
  /** Where it goes on; absent if from its beginning. */
  readonly trail?: PlainTrail;
}

/** A `Trail` as plain data. */
interface PlainTrail {
  /** The `optionsId` of the run when it was made: its headers are those of the options. */
  readonly optionsId: string;
  readonly method: string;
  readonly origin: string;
  readonly path: string;
  readonly headers: readonly string[];
  readonly body?: Uint8Array;
  readonly redirects: number;
  readonly visited: readonly string[];
}

/** One request of a list, as it travels. */
export interface Item {
  readonly index: number;
  readonly input: string | RequestObject;
  /** Line in the list, of an input that is a text. */
  readonly line?: number;
  readonly progress?: Progress;
}

/** A request as one line of text, with the host that owns it. */
export interface Packed {
  readonly key: string;
  readonly line: string;
}

/**
 * Packs one request of a list: `index TAB line TAB url`, or JSON in place of the URL. Returns undefined for one that
 * cannot be sent.
 */
export function packInput(index: number, input: RequestInput, line?: number): Packed | undefined {
  const origin = typeof input === 'string' ? canonicalOrigin(input) : undefined;
  if (origin !== undefined) return { key: hostKey(origin), line: `${index}\t${line ?? ''}\t${input as string}` };
  const request = parseRequest(input, []);
  if ('error' in request) return undefined;
  const plain = plainInput(input);
  // A request with more than a URL has its line itself.
  const isText = typeof plain === 'string';
  return {
    key: hostKey(request.origin),
    line: lineOf({ index, input: plain, ...(line !== undefined && isText && { line }) }),
  };
}

/** Packs a request that was handed back. */
export function packItem(item: Item): Packed {
  const { progress, input, index, line } = item;
  const origin = progress?.trail?.origin;
  if (origin !== undefined) return { key: hostKey(origin), line: lineOf(item) };
  const packed = packInput(index, input, line);
  if (packed === undefined) throw new Error('A request that was sent before cannot be packed');
  return progress === undefined ? packed : { key: packed.key, line: lineOf(item) };
}

/** Reads one packed line. */
export function unpackLine(text: string): Item {
  const first = text.indexOf('\t');
  const second = text.indexOf('\t', first + 1);
  const index = Number(text.slice(0, first));
  const line = second === first + 1 ? {} : { line: Number(text.slice(first + 1, second)) };
  const rest = text.slice(second + 1);
  if (!rest.startsWith('{')) return { index, input: rest, ...line };
  const { input, progress } = decodeJson(rest) as Pick<Item, 'input' | 'progress'>;
  return { index, input, ...line, ...(progress !== undefined && { progress }) };
}

/** Returns the index of a packed line. */
export function indexOfLine(text: string): number {
  return Number(text.slice(0, text.indexOf('\t')));
}

/** The requests of one host. */
export interface HostLines {
  readonly key: string;
  readonly lines: readonly string[];
}

/** Packs the requests of whole hosts: a line `#host` before the lines of each. */
export function packHosts(hosts: readonly HostLines[]): Buffer {
  return compress(hosts.map(({ key, lines }) => `#${key}\n${lines.join('\n')}`).join('\n'));
}

/** Reads what {@link packHosts} made. */
export function unpackHosts(payload: Uint8Array): HostLines[] {
  const hosts: { key: string; lines: string[] }[] = [];
  for (const line of decompress(payload).split('\n')) {
    if (line.startsWith('#')) hosts.push({ key: line.slice(1), lines: [] });
    else hosts.at(-1)!.lines.push(line);
  }
  return hosts;
}

/** Compresses a text, or the bytes of one, with zstd. */
export function compress(text: string | Uint8Array): Buffer {
  return zlib.zstdCompressSync(text);
}

/** Decompresses what {@link compress} made. */
export function decompress(payload: Uint8Array): string {
  return decompressBytes(payload).toString();
}

/** Decompresses what {@link compress} made to bytes. */
export function decompressBytes(payload: Uint8Array): Buffer {
  return zlib.zstdDecompressSync(payload);
}

/** Refuses options that cannot travel: functions, and objects with methods. Throws a `TypeError` that names the first. */
export function requirePlainOptions(options: FetcherOptions): void {
  for (const [name, value] of Object.entries(options)) {
    // Any iterable of pairs is read when it is packed.
    if (name !== 'headers' || typeof value === 'function') requirePlain(name, value);
  }
}

function requirePlain(name: string, value: unknown): void {
  if (Array.isArray(value)) {
    for (const element of value) requirePlain(name, element);
  } else if (typeof value === 'function' || (isMadeObject(value) && !isPattern(name, value))) {
    throw new TypeError(`Cannot send '${name}' to workers: functions cannot leave their process`);
  } else if (typeof value === 'object' && value !== null && !(value instanceof Uint8Array)) {
    for (const [field, inner] of Object.entries(value)) requirePlain(`${name}.${field}`, inner);
  }
}

/** Tells whether a value is an object of a class, other than bytes. */
function isMadeObject(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype !== Object.prototype && prototype !== null;
}

/** The expected pattern of a body is packed as its source and flags. */
function isPattern(name: string, value: unknown): boolean {
  return name === 'expect.body' && value instanceof RegExp;
}

function expectOptions({ expect }: FetcherOptions): ExpectOptions | undefined {
  return typeof expect === 'object' ? expect : undefined;
}

/**
 * Writes the options of a fetcher as text.
 *
 * @param firstOrigin the origin of the first request of the list. Credentials without origins of their own are for it: each
 *   worker has another first request.
 */
export function packOptions(options: FetcherOptions, firstOrigin: string | undefined): string {
  const { headers, auth } = options;
  const body = expectOptions(options)?.body;
  const origins = auth?.origins ?? (firstOrigin === undefined ? [] : [firstOrigin]);
  return encodeJson({
    ...options,
    ...(headers !== undefined && { headers: pairsOf(parseHeaders(headers as HeadersInput)) }),
    ...(auth !== undefined && { auth: { ...auth, origins } }),
    ...(body !== undefined && { expect: { ...expectOptions(options), body: [body.source, body.flags] } }),
  });
}

/** Identifies what {@link packOptions} wrote, and whether records have headers. */
export function optionsIdOf(options: string, includeHeaders: boolean): string {
  return createHash('sha256').update(`${includeHeaders}\n${options}`).digest('hex').slice(0, 16);
}

/** Reads what {@link packOptions} wrote. */
export function unpackOptions(text: string): FetcherOptions {
  const options = decodeJson(text) as FetcherOptions;
  const expect = expectOptions(options);
  // JSON has no regular expressions.
  const body = expect?.body as unknown as [source: string, flags: string] | undefined;
  return body === undefined ? options : { ...options, expect: { ...expect, body: new RegExp(...body) } };
}

/** What a worker has learned of the origins of one host. */
export interface HostLesson {
  /** Name of the worker. */
  readonly worker: string;
  readonly origins: readonly (readonly [origin: string, state: OriginState])[];
}

/** Writes what was learned of a host as text. */
export function packLesson(lesson: HostLesson): string {
  return encodeJson(lesson);
}

/** Reads what {@link packLesson} wrote. */
export function unpackLesson(text: string): HostLesson {
  return decodeJson(text) as HostLesson;
}

function lineOf({ index, input, line, progress }: Item): string {
  return `${index}\t${line ?? ''}\t${encodeJson({ input, progress })}`;
}

function plainInput(input: RequestInput): string | RequestObject {
  if (typeof input === 'string') return input;
  if (input instanceof URL) return input.href;
  const { url, headers, ...rest } = input as RequestObject;
  const pairs = headers && { headers: pairsOf(parseHeaders(headers)) };
  return { ...rest, url: url instanceof URL ? url.href : url, ...pairs };
}

function pairsOf(flat: readonly string[]): [string, string][] {
  return Array.from({ length: flat.length / 2 }, (_, at) => [flat[2 * at]!, flat[2 * at + 1]!]);
}
