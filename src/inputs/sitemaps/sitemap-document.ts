import { Parser } from 'htmlparser2';
import { maxUrlLength } from '../../http/request.ts';
import { InputError } from '../input-error.ts';

/** One location of a sitemap or of a sitemap index. */
export interface Location {
  readonly loc: string;
  readonly lastmod?: string;
}

/**
 * Parses one sitemap document (sitemaps.org) as it arrives. Skips locations that are cut off. Expands the
 * entities of XML only, and loads nothing that the document names.
 */
export class SitemapDocument {
  readonly #name: string;
  readonly #parser: Parser;
  /** Open elements, by local name. */
  readonly #open: string[] = [];
  readonly #decoder = new TextDecoder();
  #found: Location[] = [];
  #entry: { loc?: string; lastmod?: string } = {};
  #text = '';
  #kind: Kind | undefined;
  #isClosed = false;
  #readBytes = 0;
  #bytesSinceEvent = 0;

  constructor(name: string) {
    this.#name = name;
    const handler = {
      onopentag: (tag: string) => this.#begin(localName(tag)),
      onclosetag: (tag: string, isImplied: boolean) => this.#end(localName(tag), isImplied),
      ontext: (text: string) => this.#add(text),
      oncomment: () => this.#progress(),
      onprocessinginstruction: () => this.#progress(),
    };
    this.#parser = new Parser(handler, { xmlMode: true, decodeEntities: true });
  }

  /** Kind of the locations: pages of a `urlset`, or sitemaps of an index. `undefined` until the first tag. */
  get kind(): Kind | undefined {
    return this.#kind;
  }

  /** Parses one more chunk, and returns the locations that are complete. Throws an {@link InputError}. */
  write(chunk: Buffer): readonly Location[] {
    this.#readBytes += chunk.length;
    this.#bytesSinceEvent += chunk.length;
    if (this.#readBytes > maxDocumentBytes) throw this.#error(`it is larger than ${maxDocumentBytes} bytes`);
    this.#parser.write(this.#decoder.decode(chunk, { stream: true }));
    // The parser holds a comment, a tag or an attribute until it is complete.
    if (this.#bytesSinceEvent > maxTokenBytes)
      throw this.#error(`it has a tag or a comment of more than ${maxTokenBytes} bytes`);
    return this.#take();
  }

  /** Returns the last locations. */
  end(): readonly Location[] {
    this.#parser.end();
    return this.#take();
  }

  /** Throws an {@link InputError} if the document is not a whole sitemap. */
  requireWhole(): void {
    if (this.#kind === undefined)
      throw this.#error('it is empty or not XML; a sitemap begins with <urlset> or <sitemapindex>');
    if (!this.#isClosed) throw this.#error('it ends before its last tag; the URLs before that were read');
  }

  #begin(tag: string): void {
    this.#progress();
    if (this.#open.length === 0) this.#beginRoot(tag);
    if (this.#open.length > maxDepth) throw this.#error(`its elements are nested more than ${maxDepth} levels deep`);
    this.#open.push(tag);
    this.#text = '';
    if (this.#open.length === 2) this.#entry = {};
  }

  #beginRoot(tag: string): void {
    if (this.#kind !== undefined) return;
    this.#kind = tag === 'urlset' ? 'pages' : tag === 'sitemapindex' ? 'sitemaps' : undefined;
    if (this.#kind !== undefined) return;
    const found = tag.toLowerCase() === 'html' ? 'an HTML page' : `an XML document of <${tag}>`;
    throw this.#error(`it is ${found}, not a sitemap`);
  }

  #end(tag: string, isImplied: boolean): void {
    this.#progress();
    const depth = this.#open.length;
    this.#open.pop();
    // An element that the parser had to close itself may be cut off.
    if (depth === 3 && !isImplied && (tag === 'loc' || tag === 'lastmod')) this.#entry[tag] ??= this.#text.trim();
    if (depth === 2) this.#addEntry();
    if (depth === 1 && !isImplied) this.#isClosed = true;
  }

  #addEntry(): void {
    const { loc, lastmod } = this.#entry;
    if (loc !== undefined && loc !== '') this.#found.push({ loc, ...(lastmod !== undefined && { lastmod }) });
    this.#entry = {};
  }

  #add(text: string): void {
    this.#progress();
    if (this.#open.length === 3 && this.#text.length <= maxUrlLength) this.#text += text;
  }

  #progress(): void {
    this.#bytesSinceEvent = 0;
  }

  #take(): readonly Location[] {
    const found = this.#found;
    this.#found = [];
    return found;
  }

  #error(reason: string): InputError {
    return new InputError(this.#name, reason);
  }
}

type Kind = 'pages' | 'sitemaps';

/** Largest sitemap in bytes, four times what the protocol allows. */
const maxDocumentBytes = 200_000_000;
const maxTokenBytes = 1_000_000;
const maxDepth = 100;

function localName(tag: string): string {
  return tag.slice(tag.indexOf(':') + 1);
}
