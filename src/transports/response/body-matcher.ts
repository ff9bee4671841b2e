import type { BodyWriter, CommittedFields } from '../../http/body-writer.ts';
import { matches } from '../../http/expectations.ts';

/** Looks for a pattern in a body on its way to a writer, or to nowhere. Looks at its first 10 MB. */
export class BodyMatcher implements BodyWriter {
  readonly #pattern: RegExp;
  readonly #contentType: string | undefined;
  readonly #inner: BodyWriter | undefined;
  #chunks: Uint8Array[] = [];
  #room = maxSearchedBytes;

  constructor(pattern: RegExp, contentType: string | undefined, inner: BodyWriter | undefined) {
    this.#pattern = pattern;
    this.#contentType = contentType;
    this.#inner = inner;
  }

  write(chunk: Uint8Array): boolean {
    if (this.#room > 0) this.#chunks.push(Uint8Array.from(chunk.subarray(0, this.#room)));
    this.#room = Math.max(0, this.#room - chunk.length);
    return this.#inner === undefined || this.#inner.write(chunk);
  }

  see(wireBytes: Uint8Array): void {
    this.#inner?.see?.(wireBytes);
  }

  async end(): Promise<void> {
    await this.#inner?.end();
  }

  commit(): CommittedFields & { readonly bodyMatches: boolean } {
    const bodyMatches = matches(this.#pattern, Buffer.concat(this.#chunks), this.#contentType);
    this.#chunks = [];
    return { ...this.#inner?.commit(), bodyMatches };
  }

  abort(reason: unknown): void {
    this.#chunks = [];
    this.#inner?.abort(reason);
  }
}

const maxSearchedBytes = 10_000_000;
