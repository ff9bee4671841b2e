import { fieldText } from '../../text/field-text.ts';
import { printable } from '../../text/printable.ts';
import { dispositionName } from './disposition-name.ts';
import { extensionFor } from './extension.ts';
import { safeSegment, splitExtension, withSuffix } from './segment.ts';
import { requestDigest, type DigestedRequest } from './request-digest.ts';
import { pathParts } from './url-path.ts';

/** What the name of a saved body is made from: its request and its response, and nothing else. */
export interface NameFacts {
  /** The request's URL, before redirects. */
  readonly url: string;
  readonly method: string;
  /** Start of the SHA-256 of the request's body, in hexadecimal, if it had one. */
  readonly bodyHash?: string | undefined;
  readonly index: number;
  /** Line in the list, from 1. */
  readonly line?: number | undefined;
  readonly id?: string | undefined;
  readonly status: number;
  /** The response's `Content-Type` and `Content-Disposition`, if it had them. */
  readonly contentType?: string | undefined;
  readonly contentDisposition?: string | undefined;
  /** SHA-256 of the saved bytes, in hexadecimal. */
  readonly sha256: string;
  /** Milliseconds since 1970, at which the response arrived. */
  readonly at: number;
  /** Columns or fields of the entry that the request comes from. */
  readonly input?: Readonly<Record<string, unknown>> | undefined;
}

/** The words that a template may hold in braces, besides the columns of the input. */
const templateWords = [
  'host',
  'port',
  'scheme',
  'path',
  'dir',
  'name',
  'ext',
  'query',
  'index',
  'line',
  'id',
  'sha256',
  'urlhash',
  'status',
  'date',
  'disposition',
] as const;

type TemplateWord = (typeof templateWords)[number];

/** Where bodies go unless `--save-as` says otherwise. */
export const defaultTemplate = '{host}/{path}';

interface Field {
  readonly word: string;
  /** `06` pads with zeros, `6` takes the front. */
  readonly width: string;
}

/** A template for the names of saved bodies, such as `{host}/{path}` or `{index:06}{ext}`. */
export class NameTemplate {
  readonly #pieces: readonly (string | Field)[];

  /** Throws a `TypeError` if a brace belongs to no word. */
  constructor(text: string) {
    this.#pieces = parse(text);
  }

  /** Whether the template holds anything but the known words: it needs columns. */
  get usesColumns(): boolean {
    return this.#pieces.some((piece) => typeof piece !== 'string' && !isKnown(piece.word));
  }

  /** Throws a `TypeError` that names a word that is neither known nor a column, and lists those that are. */
  requireWords(columns: readonly string[]): void {
    for (const piece of this.#pieces) if (typeof piece !== 'string') requireKnown(piece.word, columns);
  }

  /** Whether the template holds one of these words. */
  uses(...words: readonly TemplateWord[]): boolean {
    return this.#pieces.some((piece) => typeof piece !== 'string' && words.includes(piece.word as TemplateWord));
  }

  /**
   * Names a body: a path relative to the folder of saved bodies, with `/` between its segments. Where making it safe
   * changed or lost anything, it holds `~` and the request's hash, so that two requests do not share a name by chance.
   */
  render(facts: NameFacts): string {
    const values = new Values(facts);
    const raw = this.#pieces.map((piece) => (typeof piece === 'string' ? piece.split('/') : values.of(piece)));
    const segments = joined(raw).filter((segment, at, all) => segment !== '' || at === all.length - 1);
    const safe = segments.map((segment) => safeSegment(segment === '' ? 'index' : segment));
    const isLossy = safe.some(({ isChanged }, at) => isChanged && segments[at] !== '') || this.#isLossy(values);
    const names = safe.map(({ text }) => text);
    const last = names.pop()!;
    return [...names, isLossy ? withSuffix(last, `~${requestHash(facts)}`) : last].join('/');
  }

  /** Names a body before its request is sent; undefined if its name depends on the response. */
  renderEarly(
    facts: Pick<NameFacts, 'url' | 'method' | 'bodyHash' | 'index' | 'line' | 'id' | 'input'>,
  ): string | undefined {
    if (this.uses('sha256', 'status', 'date', 'disposition')) return undefined;
    const [, extension] = splitExtension(pathParts(new URL(facts.url).pathname).name);
    if (extension === '' && this.uses('path', 'ext')) return undefined;
    return this.render({ ...facts, status: 0, sha256: '', at: 0 });
  }

  /** A name made from a path whose encoding or query does not show in it is not the only one that could be. */
  #isLossy(values: Values): boolean {
    if (!this.uses('path', 'dir', 'name', 'ext') || this.uses('index', 'urlhash', 'sha256')) return false;
    return values.isReencoded || (values.hasQuery && !this.uses('path', 'query'));
  }
}

/** The first 8 hexadecimal digits of the SHA-256 of method, URL and body: what tells two requests apart in a name. */
export function requestHash(request: DigestedRequest): string {
  return hashOfDigest(requestDigest(request));
}

/** {@link requestHash} of a request whose digest is known. */
export function hashOfDigest(digest: string): string {
  return digest.slice(0, 8);
}

/** The values of a template's fields for one response, each a list of path segments. */
class Values {
  readonly #facts: NameFacts;
  readonly #url: URL;
  readonly #parts: ReturnType<typeof pathParts>;

  constructor(facts: NameFacts) {
    this.#facts = facts;
    this.#url = new URL(facts.url);
    this.#parts = pathParts(this.#url.pathname);
  }

  get hasQuery(): boolean {
    return this.#url.search.length > 1;
  }

  get isReencoded(): boolean {
    return this.#parts.isReencoded;
  }

  of({ word, width }: Field): string[] {
    const value = this.#value(word);
    return typeof value === 'string' ? [sized(value === '' && word !== 'ext' ? '_' : value, width)] : value;
  }

  #value(word: string): string | string[] {
    const { index, line, id, sha256, status, at, contentDisposition, input = {} } = this.#facts;
    switch (word as TemplateWord) {
      case 'host':
        return this.#url.port === '' ? this.#url.hostname : `${this.#url.hostname}+${this.#url.port}`;
      case 'port':
        return this.#url.port || (this.#url.protocol === 'https:' ? '443' : '80');
      case 'scheme':
        return this.#url.protocol.slice(0, -1);
      case 'path':
        return [...this.#parts.folders, this.#pathName()];
      case 'dir':
        return this.#parts.folders.length === 0 ? [''] : [...this.#parts.folders];
      case 'name':
        return splitExtension(this.#parts.name)[0];
      case 'ext':
        return this.#extension();
      case 'query':
        return this.#url.search.slice(1);
      case 'index':
        return String(index);
      case 'line':
        return line === undefined ? '' : String(line);
      case 'id':
        return id ?? '';
      case 'sha256':
        return sha256;
      case 'urlhash':
        return requestHash(this.#facts);
      case 'status':
        return String(status);
      case 'date':
        return new Date(at).toISOString().slice(0, 10);
      case 'disposition':
        return dispositionName(contentDisposition) ?? '';
      default:
        return Object.hasOwn(input, word) ? fieldText(input[word]) : '';
    }
  }

  /** The last segment with its query before its extension: `page?id=1` of type HTML becomes `page?id=1.html`. */
  #pathName(): string {
    const [stem] = splitExtension(this.#parts.name);
    const query = this.hasQuery ? this.#url.search : '';
    return stem + query + this.#extension();
  }

  #extension(): string {
    return splitExtension(this.#parts.name)[1] || extensionFor(this.#facts.contentType);
  }
}

function parse(text: string): (string | Field)[] {
  const pieces: (string | Field)[] = [];
  let from = 0;
  for (const match of text.matchAll(/\{([^{}:]+)(?::(\d+))?\}/g)) {
    if (match.index > from) pieces.push(literal(text.slice(from, match.index)));
    pieces.push({ word: match[1]!, width: match[2] ?? '' });
    from = match.index + match[0].length;
  }
  if (from < text.length) pieces.push(literal(text.slice(from)));
  return pieces;
}

/** Refuses a brace that belongs to no word: most likely its partner was forgotten. */
function literal(text: string): string {
  if (!/[{}]/.test(text)) return text;
  throw new TypeError(`there is a brace without a word in ${printable(text)}; a word is written {name} or {index:06}`);
}

function isKnown(word: string): word is TemplateWord {
  return (templateWords as readonly string[]).includes(word);
}

function requireKnown(word: string, columns: readonly string[]): void {
  if (isKnown(word) || columns.includes(word)) return;
  const known = [...templateWords, ...columns].map((name) => `{${printable(name)}}`).join(' ');
  throw new TypeError(`there is no word {${printable(word)}}; known are ${known}`);
}

function sized(value: string, width: string): string {
  if (width === '') return value;
  return width.startsWith('0') ? value.padStart(Number(width), '0') : value.slice(0, Number(width));
}

/** Joins lists of segments: the last segment of one and the first of the next are one name. */
function joined(lists: readonly (readonly string[])[]): string[] {
  const all: string[] = [''];
  for (const [first = '', ...others] of lists) {
    all[all.length - 1] += first;
    all.push(...others);
  }
  return all;
}
