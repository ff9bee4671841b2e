import { OutputError } from './output-error.ts';
import type { Writer } from './writer.ts';

/** Takes text, and writes it soon. */
export interface Output {
  /**
   * Takes one piece of text. Returns undefined while there is room, else a promise to await before the next piece. After a
   * failure every call rejects with the {@link OutputError}.
   */
  write(text: string): Promise<void> | undefined;
  /** Writes what is left, then closes. Rejects with the {@link OutputError} if not everything could be written. */
  close(): Promise<void>;
}

/**
 * Joins pieces of text into few large writes, one after the other. A piece waits for a few milliseconds at most, unless
 * the write before it takes longer; then, once a batch is full, whoever has more must wait too.
 *
 * @param name what messages call the output
 */
export function batch(writer: Writer, name: string): Output {
  let waiting = '';
  let timer: NodeJS.Timeout | undefined;
  let lastWrite = Promise.resolve();
  let failure: OutputError | undefined;
  let closing: Promise<void> | undefined;

  function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    lastWrite = lastWrite.then(writeWaiting);
    // Whoever writes next is told; until then the rejection must not count as unhandled.
    lastWrite.catch(() => {});
    return lastWrite;
  }

  async function writeWaiting(): Promise<void> {
    if (waiting === '') return;
    const bytes = Buffer.from(waiting);
    waiting = '';
    try {
      await writer.write(bytes);
    } catch (cause) {
      failure = OutputError.from(name, cause);
      throw failure;
    }
  }

  async function finish(): Promise<void> {
    try {
      await flush();
    } finally {
      await writer.close().catch((cause: unknown) => {
        throw failure ?? OutputError.from(name, cause);
      });
    }
  }

  return {
    write(text) {
      if (closing !== undefined) return Promise.reject(new TypeError(`Cannot write to ${name}: it was closed`));
      if (failure !== undefined) return Promise.reject(failure);
      waiting += text;
      if (waiting.length >= fullLength) return flush();
      timer ??= setTimeout(() => void flush(), maxWaitMs);
      return undefined;
    },
    close: () => (closing ??= finish()),
  };
}

const fullLength = 64 * 1024;
const maxWaitMs = 10;
