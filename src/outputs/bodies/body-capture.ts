import { createHash, type Hash } from 'node:crypto';
import type { BodyFields, BodyWriter, ResponseHead } from '../../http/body-writer.ts';
import { toRecordBody, type BodyKind } from '../../http/record-body.ts';

/** Collects a body for its record, up to a limit. A longer one is dropped, never cut. */
export class BodyCapture implements BodyWriter {
  readonly #head: ResponseHead;
  readonly #kind: BodyKind;
  readonly #maxBytes: number;
  #chunks: Uint8Array[] = [];
  #length = 0;

  constructor(head: ResponseHead, kind: BodyKind, maxBytes: number) {
    this.#head = head;
    this.#kind = kind;
    this.#maxBytes = maxBytes;
  }

  write(chunk: Uint8Array): boolean {
    this.#length += chunk.length;
    if (this.#length <= this.#maxBytes) this.#chunks.push(new Uint8Array(chunk));
    else this.#chunks = [];
    return true;
  }

  async end(): Promise<void> {}

  commit(): BodyFields {
    if (this.#length > this.#maxBytes) return { bodyOmitted: 'size' };
    const { 'content-type': contentType } = this.#head.headers;
    return toRecordBody(Buffer.concat(this.#chunks), contentType as string | undefined, this.#kind);
  }

  abort(): void {
    this.#chunks = [];
  }
}

/** Hashes a body and keeps nothing of it. */
export class BodyHash implements BodyWriter {
  readonly #hash: Hash = createHash('sha256');

  write(chunk: Uint8Array): boolean {
    this.#hash.update(chunk);
    return true;
  }

  async end(): Promise<void> {}

  commit(): BodyFields {
    return { sha256: this.#hash.digest('hex') };
  }

  abort(): void {}
}
