import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { PartialBodies, PartRequest, ResponseHead } from '../../http/body-writer.ts';
import { validatorOf, type PartialBody } from '../../http/range.ts';
import type { BodyFolder } from './body-folder.ts';
import { readEach } from './read-each.ts';
import { requestDigest, type DigestedRequest } from './request-digest.ts';

/** Metadata of a part, in a JSON file beside it. */
interface PartNotes {
  /** Origin and path, without the query, of the hop that sent the part. */
  readonly hop: string;
  readonly validator: string;
  /** Length of the whole body in bytes, if it is known. */
  readonly total?: number | undefined;
  /** The process that wrote it. */
  readonly writer: string;
}

/** A power failure may damage the end of a part that another run wrote: this much is asked for again. */
const distrustedBytes = 64 * 1024;

/** The unfinished bodies in a folder of saved bodies, of this run and of earlier ones. */
export class BodyParts implements PartialBodies {
  readonly #folder: BodyFolder;
  readonly #writer = randomUUID();
  /** Parts that a body is being written to, so that two equal requests at once do not share one. */
  readonly #inUse = new Set<string>();
  /** Parts with notes. This process alone writes in the folder, so that nearly all requests need not look. */
  readonly #noted: Set<string>;

  /** Parts that are written to, and those of them so far that could not have the name of their request. */
  #open = 0;
  #others = 0;
  #onSettled: (() => void) | undefined;

  constructor(folder: BodyFolder) {
    this.#folder = folder;
    const names = readdirSync(folder.partPath('.'));
    this.#noted = new Set(names.filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -'.json'.length)));
  }

  partOf(request: PartRequest): PartialBody | undefined {
    if (this.#noted.size === 0) return undefined;
    const key = requestDigest(request);
    const notes = this.#inUse.has(key) ? undefined : this.#read(key);
    if (notes === undefined || notes.hop !== request.origin + withoutQuery(request.path)) return undefined;
    const size = statSync(this.#folder.partPath(`${key}.part`), { throwIfNoEntry: false })?.size ?? 0;
    const length = notes.writer === this.#writer ? size : size - distrustedBytes;
    return length > 0 ? { length, total: notes.total, validator: notes.validator } : undefined;
  }

  dropPart(request: DigestedRequest): void {
    const key = requestDigest(request);
    if (this.#inUse.has(key)) return;
    rmSync(this.#folder.partPath(`${key}.part`), { force: true });
    this.#dropNotes(key);
  }

  /** Resolves once no part is written to any more. */
  async settled(): Promise<void> {
    if (this.#open > 0) await new Promise<void>((resolve) => (this.#onSettled = resolve));
  }

  /** Reads the first `length` bytes of the part that a response continues. */
  read(head: ResponseHead, length: number, take: (bytes: Uint8Array) => void): void {
    const file = openSync(this.#folder.partPath(`${requestDigest(head)}.part`), 'r');
    try {
      readEach(file, length, take);
    } finally {
      closeSync(file);
    }
  }

  /** Takes a part for the body of a response. */
  take(head: ResponseHead): TakenPart {
    const key = requestDigest(head);
    const isFirst = !this.#inUse.has(key);
    if (isFirst) this.#inUse.add(key);
    const name = isFirst ? `${key}.part` : `${key}-${(this.#others += 1)}.part`;
    this.#open += 1;
    const notes = isFirst ? this.#notesOf(head, key) : undefined;
    return {
      name,
      digest: key,
      canContinue: notes !== undefined,
      note: () => notes && this.#write(key, notes),
      release: (isKept) => {
        this.#open -= 1;
        if (this.#open === 0) this.#onSettled?.();
        if (!isFirst) return;
        this.#inUse.delete(key);
        if (!isKept) this.#dropNotes(key);
      },
    };
  }

  #notesOf(head: ResponseHead, key: string): PartNotes | undefined {
    if (head.continueAt !== undefined) {
      const notes = this.#read(key);
      return notes && { ...notes, writer: this.#writer };
    }
    const validator = head.method === 'GET' ? validatorOf(head.status, head.headers) : undefined;
    if (validator === undefined) return undefined;
    const length = Number(head.headers['content-length']);
    const { origin, pathname } = new URL(head.finalUrl);
    const total = Number.isSafeInteger(length) ? length : undefined;
    return { hop: origin + pathname, validator, total, writer: this.#writer };
  }

  #write(key: string, notes: PartNotes): void {
    this.#noted.add(key);
    writeFileSync(this.#folder.partPath(`${key}.json`), JSON.stringify(notes));
  }

  #dropNotes(key: string): void {
    if (!this.#noted.delete(key)) return;
    rmSync(this.#folder.partPath(`${key}.json`), { force: true });
  }

  #read(key: string): PartNotes | undefined {
    if (!this.#noted.has(key)) return undefined;
    try {
      const notes = JSON.parse(readFileSync(this.#folder.partPath(`${key}.json`), 'utf8')) as Partial<PartNotes> | null;
      return typeof notes?.hop === 'string' && typeof notes.validator === 'string' && !/[\r\n]/.test(notes.validator)
        ? (notes as PartNotes)
        : undefined;
    } catch {
      return undefined;
    }
  }
}

/** A part that a body is written to. */
export interface TakenPart {
  /** Its file name. */
  readonly name: string;
  /** The digest of its request. */
  readonly digest: string;
  /** Whether a later attempt can continue it. */
  readonly canContinue: boolean;
  /** Notes beside it how it can be continued. */
  note(): void;
  /** The body is done with it. */
  release(isKept: boolean): void;
}

function withoutQuery(path: string): string {
  return path.split('?', 1)[0]!;
}
