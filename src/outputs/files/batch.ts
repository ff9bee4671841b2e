import { OutputError } from './output-error.ts';
import type { Writer } from './writer.ts';

/** A destination of text that is written soon after it is handed over. */
export interface Output {
  /**
   * Takes one piece of text. Returns undefined while there is room, else a promise to await before the next piece.
   * After a failure every call rejects with the {@link OutputError}.
   */
  write(text: string): Promise<void> | undefined;
  /** Writes the rest, then closes. Rejects with the {@link OutputError} if anything could not be written. */
  close(): Promise<void>;
}

/**
 * Joins pieces of text into few large writes, one after the other. A piece waits for some milliseconds at most, unless
 * the previous write takes longer; once a batch is full, the caller has to wait.
 */
export class Batch implements Output {
  readonly #writer: Writer;
  readonly #name: string;
  #waiting = '';
  #timer: NodeJS.Timeout | undefined;
  #lastWrite: Promise<void> = Promise.resolve();
  #failure: OutputError | undefined;
  #closing: Promise<void> | undefined;

  /** @param name the output's name in messages */
  constructor(writer: Writer, name: string) {
    this.#writer = writer;
    this.#name = name;
  }

  write(text: string): Promise<void> | undefined {
    if (this.#closing !== undefined) return Promise.reject(closedError(this.#name));
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    this.#waiting += text;
    if (this.#waiting.length >= maxBatchLength) return this.#flush();
    this.#timer ??= setTimeout(() => void this.#flush(), maxWaitMs);
    return undefined;
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#finish());
  }

  #flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#lastWrite = this.#lastWrite.then(() => this.#writeWaiting());
    // The next call rejects with the failure; until then the rejection must not count as unhandled.
    this.#lastWrite.catch(() => {});
    return this.#lastWrite;
  }

  async #writeWaiting(): Promise<void> {
    if (this.#waiting === '') return;
    const bytes = Buffer.from(this.#waiting);
    this.#waiting = '';
    try {
      await this.#writer.write(bytes);
    } catch (cause) {
      this.#failure = OutputError.from(this.#name, cause);
      throw this.#failure;
    }
  }

  async #finish(): Promise<void> {
    try {
      await this.#flush();
    } finally {
      await this.#writer.close().catch((cause: unknown) => {
        throw this.#failure ?? OutputError.from(this.#name, cause);
      });
    }
  }
}

/** Makes the error for a write after `close()`. */
export function closedError(name: string): TypeError {
  return new TypeError(`Cannot write to ${name}: it was closed`);
}

const maxBatchLength = 64 * 1024;
const maxWaitMs = 10;
