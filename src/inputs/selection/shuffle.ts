import { randomInt } from 'node:crypto';
import { requireInteger } from '../../check.ts';

/** Puts items into random order. Reads all of them first, and holds them in memory. */
export function shuffle<T>(
  items: AsyncIterable<T> | Iterable<T>,
  options: {
    /** Seed of the random order. Equal seeds give equal orders on every machine. @default a random number */
    readonly seed?: number;
  } = {},
): AsyncGenerator<T, void, undefined> {
  const { seed = randomInt(2 ** 32) } = options;
  requireInteger('shuffle items', 'seed', seed, 0);
  return inRandomOrder(items, randomBelow(seed));
}

async function* inRandomOrder<T>(
  items: AsyncIterable<T> | Iterable<T>,
  below: (limit: number) => number,
): AsyncGenerator<T, void, undefined> {
  const waiting: T[] = [];
  for await (const item of items) waiting.push(item);
  for (let last = waiting.length - 1; last >= 0; last -= 1) {
    const at = below(last + 1);
    const item = waiting[at]!;
    waiting[at] = waiting[last]!;
    waiting.pop();
    yield item;
  }
}

/** Creates a generator of integers below a limit (xorshift32; the seed is mixed first, so that small seeds differ). */
function randomBelow(seed: number): (limit: number) => number {
  let state = spread(seed) || 1;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return Math.floor(((state >>> 0) / 2 ** 32) * limit);
  };
}

function spread(seed: number): number {
  let mixed = (seed + 0x9e37_79b9 + Math.trunc(seed / 2 ** 32)) | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85eb_ca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
  return mixed ^ (mixed >>> 16);
}
