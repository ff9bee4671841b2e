import { requireInteger } from '../../check.ts';

/** Ends after `count` items, and closes their source without reading on. */
export function limit<T>(items: AsyncIterable<T> | Iterable<T>, count: number): AsyncGenerator<T, void, undefined> {
  requireInteger('limit items', 'count', count, 0);
  return firstOf(items, count);
}

async function* firstOf<T>(items: AsyncIterable<T> | Iterable<T>, count: number): AsyncGenerator<T, void, undefined> {
  if (count === 0) {
    await close(items);
    return;
  }
  let left = count;
  for await (const item of items) {
    yield item;
    left -= 1;
    if (left === 0) break;
  }
}

async function close(items: AsyncIterable<unknown> | Iterable<unknown>): Promise<void> {
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  await iterator.return?.();
}
