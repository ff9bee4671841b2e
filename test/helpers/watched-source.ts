/** A source that records how it was used. */
export interface WatchedSource<T> extends Iterable<T> {
  /** Times that an iterator was requested. */
  readonly opened: number;
  /** Values that were read. */
  readonly pulled: number;
  /** Times that the source was closed before its end. */
  readonly closed: number;
}

export interface WatchedAsyncSource<T> extends Omit<WatchedSource<T>, typeof Symbol.iterator>, AsyncIterable<T> {}

/** Yields values one by one. It may throw; as in `for...of`, a source that has thrown is not closed. */
export function watchedSource<T>(values: Iterable<T>): WatchedSource<T> {
  const watch = { opened: 0, pulled: 0, closed: 0 };
  return Object.assign(watch, {
    [Symbol.iterator]: (): Iterator<T> => {
      watch.opened += 1;
      const iterator = values[Symbol.iterator]();
      return {
        next: () => {
          const step = iterator.next();
          if (!step.done) watch.pulled += 1;
          return step;
        },
        return: () => {
          watch.closed += 1;
          return { done: true, value: undefined };
        },
      };
    },
  });
}

/** Yields values one by one, each after a wait. */
export function watchedAsyncSource<T>(
  values: Iterable<T>,
  wait: () => Promise<unknown> = async () => undefined,
): WatchedAsyncSource<T> {
  const source = watchedSource(values);
  return {
    get opened() {
      return source.opened;
    },
    get pulled() {
      return source.pulled;
    },
    get closed() {
      return source.closed;
    },
    [Symbol.asyncIterator]: () => {
      const iterator = source[Symbol.iterator]();
      return {
        next: async () => {
          await wait();
          return iterator.next();
        },
        return: async () => iterator.return!(),
      };
    },
  };
}
