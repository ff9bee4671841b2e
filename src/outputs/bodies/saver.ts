import { existsSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import {
  sentAgain,
  type BodyControl,
  type BodyFields,
  type BodyReceiver,
  type BodyWriter,
  type ResponseHead,
} from '../../http/body-writer.ts';
import { FetchError } from '../../http/error.ts';
import { BodyFile } from './body-file.ts';
import { BodyFolder } from './body-folder.ts';
import { BodyParts } from './body-parts.ts';
import { DigestCheck, parseDigestHeader, type ExpectedDigest } from './digest.ts';
import { FileClaims } from './file-claims.ts';
import { sha256OfFile } from './read-each.ts';
import { defaultTemplate, NameTemplate, requestHash, type NameFacts } from './name-template.ts';

/** Options of a {@link Saver}. */
export interface SaveOptions {
  /** Names of the files below the folder. @default '{host}/{path}' */
  readonly template?: string;
  /** Columns of the input that the template may name. */
  readonly columns?: readonly string[];
  /** A file of an earlier run is replaced once the new one is whole, or fails the request. @default 'replace' */
  readonly existing?: 'replace' | 'fail';
  /** Which responses are kept. @default those whose status is expected */
  readonly keeps?: (head: ResponseHead) => boolean;
  /** Sets the time of a file to that of its `Last-Modified` header. @default false */
  readonly remoteTime?: boolean;
  /** Syncs each file to disk before it counts as saved. @default false */
  readonly durable?: boolean;
  /** The row that a request came from. */
  readonly rowOf?: (index: number) => SavedRow;
}

/** What the name of a file and its check may need of the input row. */
export interface SavedRow {
  readonly index: number;
  readonly line?: number | undefined;
  readonly columns?: Readonly<Record<string, string>> | undefined;
  readonly expected?: readonly ExpectedDigest[] | undefined;
}

/**
 * Saves bodies to files below a folder: each whole under its final name, or not there at all. Two requests never share a
 * file, unless they are equal and their bytes are too.
 */
export class Saver {
  readonly #folder: BodyFolder;
  readonly #template: NameTemplate;
  readonly #options: SaveOptions;
  readonly #claims = new FileClaims();
  /** Receives bodies: to be given to a fetcher as `responseBody`. */
  readonly receive: BodyReceiver;
  /** The parts of bodies in the folder, of this run and of earlier ones. */
  readonly parts: BodyParts;

  /** Makes and locks the folder. Throws a `TypeError` for a wrong template, and an `OutputError` if the folder cannot be used. */
  constructor(folder: string, options: SaveOptions = {}) {
    this.#template = new NameTemplate(options.template ?? defaultTemplate, options.columns);
    this.#options = options;
    this.#folder = new BodyFolder(folder, options.durable);
    this.parts = new BodyParts(this.#folder);
    this.receive = Object.assign((head: ResponseHead, control: BodyControl) => this.#receive(head, control), {
      parts: this.parts,
      close: () => this.close(),
    });
  }

  /** Notes a file that an earlier part of this run saved: its name is taken. */
  restore(
    file: string,
    request: { readonly method: string; readonly url: string; readonly bodyHash?: string | undefined },
  ): void {
    this.#claims.restore(file, requestHash(request));
  }

  /** Whether a saved file is still there, as long as it was; with `sha256` its bytes are checked too. */
  has(file: string, length: number, sha256?: string): boolean {
    const path = join(this.#folder.path, ...file.split('/'));
    const size = statSync(path, { throwIfNoEntry: false })?.size;
    return size === length && (sha256 === undefined || sha256OfFile(path, length) === sha256);
  }

  /** Gives the folder back. May be called again. */
  close(): void {
    this.#folder.close();
  }

  #receive(head: ResponseHead, control: BodyControl): BodyWriter | 'discard' {
    const keeps = this.#options.keeps ?? (({ ok }: ResponseHead) => ok);
    return hasBody(head) && keeps(head) ? this.#open(head, control) : 'discard';
  }

  #open(head: ResponseHead, control: BodyControl): BodyWriter {
    const row = this.#options.rowOf?.(head.index) ?? { index: head.index };
    const part = this.parts.take(head);
    const file = new BodyFile(this.#folder, part.name, {
      onDrain: () => control.drain(),
      onError: (error) => control.fail(error),
      onOpen: () => part.note(),
    });
    // A row says what it wants to have; a server, what it sent.
    const expected = new DigestCheck(row.expected ?? []);
    const promised = new DigestCheck(promisedDigests(head));
    if (head.continueAt !== undefined) {
      file.continueAt(head.continueAt, (bytes) => {
        expected.update(bytes);
        promised.update(bytes);
      });
    }
    return {
      see: (wireBytes) => promised.update(wireBytes),
      write: (chunk) => {
        expected.update(chunk);
        return file.write(chunk);
      },
      end: async () => {
        await file.end();
        requireMatch(expected, promised);
      },
      commit: () => {
        part.release(false);
        return this.#place(file, head, row);
      },
      abort: (reason) => {
        const isKept = part.canContinue && file.length > 0 && isWorthKeeping(reason);
        if (isKept) part.note();
        file.discard(isKept);
        part.release(isKept);
      },
    };
  }

  #place(file: BodyFile, head: ResponseHead, row: SavedRow): BodyFields {
    const { sha256 } = file;
    const hash = requestHash(head);
    const wanted = this.#template.render(factsOf(head, row, sha256));
    const hasSameBytes = (path: string): boolean => this.has(path, file.length, sha256);
    const claim = this.#claims.claim(wanted, { hash, index: row.index, hasSameBytes });
    if (claim.isShared) {
      file.discard();
      return { file: claim.path, sha256, deduplicated: true };
    }
    const path = join(this.#folder.path, ...claim.path.split('/'));
    if (this.#options.existing === 'fail' && existsSync(path)) {
      file.discard();
      throw new FetchError('FILE_IO', `Cannot save ${claim.path}: a file of that name exists`);
    }
    file.place(claim.path);
    if (this.#options.remoteTime) setTime(path, head.headers['last-modified']);
    return { file: claim.path, sha256 };
  }
}

/** A HEAD, a 204 and a 304 have no body to save; an empty body makes an empty file. */
function hasBody({ method, status }: ResponseHead): boolean {
  return method !== 'HEAD' && status !== 204 && status !== 304;
}

/** Digests that the server promises (RFC 9530). */
function promisedDigests({ headers }: ResponseHead): ExpectedDigest[] {
  return ['repr-digest', 'content-digest'].flatMap((name) => {
    const value = headers[name];
    return typeof value === 'string' ? parseDigestHeader(value) : [];
  });
}

function factsOf(head: ResponseHead, { index, line, columns }: SavedRow, sha256: string): NameFacts {
  const { url, method, id, bodyHash, status, headers } = head;
  const contentType = headers['content-type'] as string | undefined;
  const contentDisposition = headers['content-disposition'] as string | undefined;
  const at = Date.now();
  return { url, method, id, bodyHash, status, contentType, contentDisposition, index, line, columns, sha256, at };
}

function setTime(path: string, lastModified: unknown): void {
  const time = Date.parse(String(lastModified)) / 1000;
  if (Number.isFinite(time)) utimesSync(path, time, time);
}

function requireMatch(...checks: readonly DigestCheck[]): void {
  for (const check of checks) {
    const wrong = check.mismatch();
    if (wrong !== undefined)
      throw new FetchError('CHECKSUM_MISMATCH', `The ${wrong} of the body is not the expected one`);
  }
}

/** A body that was cut can be continued; one that is too large, wrong, or replaced cannot. */
function isWorthKeeping(reason: unknown): boolean {
  if (reason instanceof FetchError) return reason.retryable || reason.code === 'DEADLINE';
  return reason !== sentAgain;
}
