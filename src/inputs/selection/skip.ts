import { requireInteger } from '../../check.ts';

/** Leaves out the first `count` items. */
export function skip<T>(items: AsyncIterable<T> | Iterable<T>, count: number): AsyncGenerator<T, void, undefined> {
  requireInteger('skip items', 'count', count, 0);
  return afterFirst(items, count);
}

async function* afterFirst<T>(
  items: AsyncIterable<T> | Iterable<T>,
  count: number,
): AsyncGenerator<T, void, undefined> {
  let left = count;
  for await (const item of items) {
    if (left === 0) yield item;
    else left -= 1;
  }
}
