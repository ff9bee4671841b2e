import { statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import {
  sentAgain,
  type BodyControl,
  type BodyReceiver,
  type BodyWriter,
  type CommittedFields,
  type KnownBody,
  type NamedRequest,
  type ResponseHead,
} from '../../http/body-writer.ts';
import type { ExpectedDigest } from '../../http/expected-digest.ts';
import { FetchError } from '../../http/error.ts';
import { ownFunction } from '../../http/own-function.ts';
import { BodyFile } from './body-file.ts';
import { BodyFolder } from './body-folder.ts';
import { BodyParts } from './body-parts.ts';
import { DigestCheck, parseDigestHeader } from './digest.ts';
import { FileClaims } from './file-claims.ts';
import { safeSegment } from './segment.ts';
import { hasBody } from './has-body.ts';
import { sha256OfFile } from './read-each.ts';
import { defaultTemplate, hashOfDigest, NameTemplate, requestHash, type NameFacts } from './name-template.ts';

/** Options of a {@link Saver}. */
export interface SaveOptions {
  /** Names of the files below the folder. @default '{host}/{path}' */
  readonly template?: string;
  /** Columns of the input that the template may name; `later` leaves that to `requireWords()`. @default none */
  readonly columns?: readonly string[] | 'later';
  /**
   * A file of an earlier run is replaced once the new one is whole, kept (without a request, if its name is known before
   * the response), or fails the request. @default 'replace'
   */
  readonly existing?: 'replace' | 'skip' | 'fail';
  /** Keeps coded bodies as they were received, with the extension of their coding. @default false */
  readonly raw?: boolean;
  /** Which responses are kept. @default those whose status is expected */
  readonly keeps?: (head: ResponseHead) => boolean;
  /** Sets the time of a file to that of its `Last-Modified` header. @default false */
  readonly remoteTime?: boolean;
  /** Syncs each file to disk before it counts as saved. @default false */
  readonly durable?: boolean;
  /** Returns the position in the whole list of the n-th request of this run. */
  readonly rowOf?: (index: number) => SavedRow;
}

/** The position of a request in its list. */
export interface SavedRow {
  readonly index: number;
  /** From 1; the one that the request names, if there is none. */
  readonly line?: number | undefined;
}

/**
 * Saves bodies to files below a folder: each whole under its final name, or not there at all. Two requests never share a
 * file, unless they are equal and their bytes are too.
 */
export class Saver {
  readonly #folder: BodyFolder;
  readonly #template: NameTemplate;
  readonly #options: SaveOptions;
  readonly #keeps: (head: ResponseHead) => boolean;
  readonly #claims = new FileClaims();
  /** Receives bodies: to be given to a fetcher as `responseBody`. */
  readonly receive: BodyReceiver;
  /** The parts of bodies in the folder, of this run and of earlier ones. */
  readonly parts: BodyParts;

  /** Makes and locks the folder. Throws a `TypeError` for a wrong template, and an `OutputError` if the folder cannot be used. */
  constructor(folder: string, options: SaveOptions = {}) {
    this.#template = new NameTemplate(options.template ?? defaultTemplate);
    if (options.columns !== 'later') this.#template.requireWords(options.columns ?? []);
    this.#options = options;
    this.#keeps = options.keeps === undefined ? ({ ok }) => ok : ownFunction('keeps', options.keeps);
    this.#folder = new BodyFolder(folder, options.durable);
    this.parts = new BodyParts(this.#folder);
    this.receive = Object.assign((head: ResponseHead, control: BodyControl) => this.#receive(head, control), {
      parts: this.parts,
      close: () => this.close(),
    });
  }

  /** Notes a file that an earlier part of this run saved: its name is taken. */
  restore(file: string, request: SavedRequest): void {
    this.#claims.restore(file, requestHash(request));
  }

  /** Notes a file that an earlier run saved: its request may replace it, and no other one. */
  reserve(file: string, request: SavedRequest): void {
    this.#claims.reserve(file, requestHash(request));
  }

  /** With `existing: 'skip'`, finds the file that a request would be saved to, if its name is known before the response. */
  existing(request: NamedRequest, place: number): KnownBody | undefined {
    const { existing, raw } = this.#options;
    if (existing !== 'skip' || raw || request.method === 'HEAD') return undefined;
    const { url, method, bodyHash, id, entry } = request;
    const { index, line = entry?.line } = this.#rowOf(place);
    const name = this.#template.renderEarly({ url, method, bodyHash, id, index, line, input: entry?.input });
    const length = name === undefined ? undefined : this.#sizeOf(name);
    if (name === undefined || length === undefined || !this.#claims.take(name, requestHash(request))) return undefined;
    return { length, fields: { file: name } };
  }

  /** Whether a saved file is still there, as long as it was; with `sha256` its bytes are checked too. */
  has(file: string, length: number, sha256?: string): boolean {
    if (this.#sizeOf(file) !== length) return false;
    return sha256 === undefined || sha256OfFile(this.#pathOf(file), length) === sha256;
  }

  /** Gives the folder back, once the last part is written. May be called again. */
  async close(): Promise<void> {
    await this.parts.settled();
    this.#folder.close();
  }

  /** Whether the template needs columns of the input. */
  get usesColumns(): boolean {
    return this.#template.usesColumns;
  }

  /** Checks the words of the template once the columns of the input are known. Throws a `TypeError`. */
  requireWords(columns: readonly string[]): void {
    this.#template.requireWords(columns);
  }

  #rowOf(index: number): SavedRow {
    return this.#options.rowOf?.(index) ?? { index };
  }

  #receive(head: ResponseHead, control: BodyControl): BodyWriter | 'discard' {
    return hasBody(head) && this.#keeps(head) ? this.#open(head, control) : 'discard';
  }

  #open(head: ResponseHead, control: BodyControl): BodyWriter {
    const row = this.#rowOf(head.index);
    const part = this.parts.take(head);
    const file = new BodyFile(this.#folder, part.name, {
      onDrain: () => control.drain(),
      onError: (error) => control.fail(error),
      onOpen: () => part.note(),
    });
    const isRaw = this.#options.raw === true;
    let hasRoom = true;
    // A row says what it wants to have; a server, what it sent: the whole (RFC 9530, section 3), or this message (section 2).
    const expected = new DigestCheck(wantedDigests(head));
    const whole = new DigestCheck(promisedDigests(head, 'repr-digest'));
    const message = new DigestCheck(promisedDigests(head, 'content-digest'));
    if (head.continueAt !== undefined) {
      file.continueAt(head.continueAt, (bytes) => {
        expected.update(bytes);
        whole.update(bytes);
      });
    }
    return {
      see: (wireBytes) => {
        whole.update(wireBytes);
        message.update(wireBytes);
        if (isRaw) hasRoom = file.write(wireBytes);
      },
      write: (chunk) => {
        expected.update(chunk);
        return isRaw ? hasRoom : file.write(chunk);
      },
      end: async () => {
        await file.end();
        requireMatch([expected], false);
        requireMatch([whole, message], true);
      },
      commit: () => {
        part.release(false);
        return this.#place(file, head, { row, hash: hashOfDigest(part.digest) });
      },
      abort: (reason) => {
        const isKept = part.canContinue && file.length > 0 && isWorthKeeping(reason);
        if (isKept) part.note();
        file.discard(isKept, () => part.release(isKept));
      },
    };
  }

  #place(file: BodyFile, head: ResponseHead, { row, hash }: Placement): CommittedFields {
    const { sha256 } = file;
    const coding = this.#options.raw ? codingExtension(head) : '';
    const { wantedFile } = head;
    const wanted = wantedFile === undefined ? this.#template.render(factsOf(head, row, sha256)) : safePath(wantedFile);
    const hasSameBytes = (path: string): boolean => this.has(path, file.length, sha256);
    const claim = this.#claims.claim(wanted + coding, { hash, index: row.index, hasSameBytes });
    if (claim.isShared) {
      file.discard();
      return { file: claim.path, sha256, deduplicated: true };
    }
    const { existing = 'replace', remoteTime } = this.#options;
    const length = claim.isReserved || existing === 'replace' ? undefined : this.#sizeOf(claim.path);
    if (length !== undefined && existing === 'skip') {
      file.discard();
      return { file: claim.path, length, unchanged: true };
    }
    if (length !== undefined && existing === 'fail') {
      file.discard();
      throw new FetchError('FILE_IO', `Cannot save ${claim.path}: the file already exists`);
    }
    file.place(claim.path);
    if (remoteTime) setTime(this.#pathOf(claim.path), head.headers['last-modified']);
    return { file: claim.path, sha256 };
  }

  /** The length of a file in bytes; undefined if there is no such file. */
  #sizeOf(file: string): number | undefined {
    try {
      const status = statSync(this.#pathOf(file), { throwIfNoEntry: false });
      return status?.isFile() ? status.size : undefined;
    } catch {
      // A path that is too long, or a folder that may not be entered.
      return undefined;
    }
  }

  #pathOf(file: string): string {
    return join(this.#folder.path, ...file.split('/'));
  }
}

/** What the name of a body is given by, besides its response. */
interface Placement {
  readonly row: SavedRow;
  readonly hash: string;
}

/** A request as far as the name of its file depends on it. */
type SavedRequest = Pick<ResponseHead, 'method' | 'url' | 'bodyHash'>;

const codingExtensions = new Map([
  ['gzip', '.gz'],
  ['x-gzip', '.gz'],
  ['br', '.br'],
  ['zstd', '.zst'],
  ['deflate', '.zlib'],
]);

function codingExtension({ headers }: ResponseHead): string {
  const codings = String(headers['content-encoding'] ?? '')
    .toLowerCase()
    .split(',');
  return codings.map((coding) => codingExtensions.get(coding.trim()) ?? '').join('');
}

/** Digests that the server promises. Those of a 416 are of its own body, which is dropped. */
function promisedDigests({ headers }: ResponseHead, name: 'repr-digest' | 'content-digest'): ExpectedDigest[] {
  const value = headers[name];
  if (typeof value !== 'string' || /^bytes \*\//i.test(String(headers['content-range']))) return [];
  return parseDigestHeader(value);
}

function wantedDigests({ wantedSha256, wantedChecksums = [] }: ResponseHead): readonly ExpectedDigest[] {
  if (wantedSha256 === undefined) return wantedChecksums;
  return [{ algorithm: 'sha256', bytes: Buffer.from(wantedSha256, 'hex') }, ...wantedChecksums];
}

/** Makes the path that a list wants safe: it leads nowhere but into the folder. */
function safePath(path: string): string {
  const segments = path.split('/').filter((segment) => segment !== '');
  return segments.map((segment) => safeSegment(segment).text).join('/') || 'index';
}

function factsOf(head: ResponseHead, { index, line = head.line }: SavedRow, sha256: string): NameFacts {
  const { url, method, id, bodyHash, status, headers, input } = head;
  const contentType = headers['content-type'] as string | undefined;
  const contentDisposition = headers['content-disposition'] as string | undefined;
  const at = Date.now();
  return { url, method, id, bodyHash, status, contentType, contentDisposition, index, line, input, sha256, at };
}

function setTime(path: string, lastModified: unknown): void {
  const time = Date.parse(String(lastModified)) / 1000;
  if (Number.isFinite(time)) utimesSync(path, time, time);
}

/** @param retryable whether another attempt may bring the right bytes: those that a server promises */
function requireMatch(checks: readonly DigestCheck[], retryable: boolean): void {
  for (const check of checks) {
    const wrong = check.mismatch();
    if (wrong === undefined) continue;
    throw new FetchError('CHECKSUM_MISMATCH', `The ${wrong} of the body is not as expected`, { retryable });
  }
}

/** A body that was cut can be continued; one that is too large, wrong, or replaced cannot. */
function isWorthKeeping(reason: unknown): boolean {
  if (reason instanceof FetchError && reason.code === 'CHECKSUM_MISMATCH') return false;
  if (reason instanceof FetchError) return reason.retryable || reason.code === 'DEADLINE';
  return reason !== sentAgain;
}
