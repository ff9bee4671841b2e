import { requireInteger } from '../../check.ts';

/** Ends after `count` items, and closes their source without reading on. */
export function limit<T>(items: AsyncIterable<T> | Iterable<T>, count: number): AsyncGenerator<T, void, undefined> {
  requireInteger('limit items', 'count', count, 0);
  return firstOf(items, count);
}

async function* firstOf<T>(items: AsyncIterable<T> | Iterable<T>, count: number): AsyncGenerator<T, void, undefined> {
  let left = count;
  if (left === 0) return;
  for await (const item of items) {
    yield item;
    left -= 1;
    if (left === 0) return;
  }
}
