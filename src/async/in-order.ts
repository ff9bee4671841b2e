import type { Source } from './run.ts';

/**
 * Results of work that is done in any order, in the order of its input; each once all before it have come. The source is
 * held back while the result to come next is more than `window` places behind, so never more than that many wait.
 *
 * Results that never come (the work was stopped) are passed over at the end; a fault is thrown after all that came.
 *
 * @param work takes the values of the source, and numbers its results as it takes them
 */
export async function* inOrder<V, T extends { readonly index: number }>(
  work: (source: AsyncIterable<V>) => AsyncIterable<T>,
  source: Source<V>,
  window: number,
): AsyncGenerator<T, void, undefined> {
  const early = new Map<number, T>();
  const held = new HeldSource(source, window);
  let fault: { readonly reason: unknown } | undefined;
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
    fault = { reason };
  }
  yield* [...early.values()].sort((a, b) => a.index - b.index);
  if (fault !== undefined) throw fault.reason;
}

/** A source that gives no more values than have been let go, and `window` on top. Written by hand, as its reader may leave while it waits. */
class HeldSource<V> implements AsyncIterable<V> {
  readonly #source: Source<V>;
  #room: number;
  #waiting: (() => void) | undefined;
  #isLeft = false;

  constructor(source: Source<V>, window: number) {
    this.#source = source;
    this.#room = window;
  }

  /** One more may come. */
  release(): void {
    this.#room += 1;
    this.#wake();
  }

  [Symbol.asyncIterator](): AsyncIterator<V, unknown> {
    const source = this.#source as Iterable<V> & AsyncIterable<V>;
    const inner: AsyncIterator<V> | Iterator<V> = source[Symbol.asyncIterator]?.() ?? source[Symbol.iterator]();
    return {
      next: async () => {
        while (this.#room === 0 && !this.#isLeft) await new Promise<void>((resolve) => (this.#waiting = resolve));
        if (this.#isLeft) return { done: true, value: undefined };
        this.#room -= 1;
        return inner.next();
      },
      return: async () => {
        this.#isLeft = true;
        this.#wake();
        return (await inner.return?.()) ?? { done: true, value: undefined };
      },
    };
  }

  #wake(): void {
    this.#waiting?.();
    this.#waiting = undefined;
  }
}
