import { iteratorOf, type Source } from './run.ts';

/**
 * Yields the results of concurrent work in input order, each once all before it are there. At most `window` values are
 * read beyond the oldest missing result, so no more than `window` results wait.
 *
 * A result that never comes, because the work was stopped, is skipped at the end. An error is thrown after all results.
 *
 * @param work reads the source and returns results whose `index` counts the values read, from 0
 *
 * @example
 * ```ts
 * const work = (urls: AsyncIterable<string>) => fetcher.asCompleted(urls);
 * for await (const result of inOrder(work, urls, 20_000)) console.log(result.index, result.kind);
 * ```
 */
export async function* inOrder<V, T extends { readonly index: number }>(
  work: (source: AsyncIterable<V>) => AsyncIterable<T>,
  source: Source<V>,
  window: number,
): AsyncGenerator<T, void, undefined> {
  const early = new Map<number, T>();
  const held = new HeldSource(source, window);
  let error: { readonly reason: unknown } | undefined;
  let next = 0;
  try {
    for await (const result of work(held)) {
      early.set(result.index, result);
      for (let due = early.get(next); due !== undefined; due = early.get(next)) {
        early.delete(next);
        next += 1;
        held.release();
        yield due;
      }
    }
  } catch (reason) {
    error = { reason };
  }
  yield* [...early.values()].sort((a, b) => a.index - b.index);
  if (error !== undefined) throw error.reason;
}

/**
 * A source that yields `window` values, and one more for each {@link release}. Written by hand: its reader may leave
 * while it waits.
 */
class HeldSource<V> implements AsyncIterable<V> {
  readonly #source: Source<V>;
  #room: number;
  #resolveWait: (() => void) | undefined;
  #hasReturned = false;

  constructor(source: Source<V>, window: number) {
    this.#source = source;
    this.#room = window;
  }

  /** Lets one more value through. */
  release(): void {
    this.#room += 1;
    this.#wake();
  }

  [Symbol.asyncIterator](): AsyncIterator<V, unknown> {
    const inner = iteratorOf(this.#source);
    return {
      next: async () => {
        while (this.#room === 0 && !this.#hasReturned)
          await new Promise<void>((resolve) => (this.#resolveWait = resolve));
        if (this.#hasReturned) return { done: true, value: undefined };
        this.#room -= 1;
        return inner.next();
      },
      return: async () => {
        this.#hasReturned = true;
        this.#wake();
        return (await inner.return?.()) ?? { done: true, value: undefined };
      },
    };
  }

  #wake(): void {
    this.#resolveWait?.();
    this.#resolveWait = undefined;
  }
}
