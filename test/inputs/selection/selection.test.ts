import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FetchError } from '../../../src/http/error.ts';
import type { RequestInput } from '../../../src/http/request.ts';
import { limit } from '../../../src/inputs/selection/limit.ts';
import { shuffle } from '../../../src/inputs/selection/shuffle.ts';
import { skip } from '../../../src/inputs/selection/skip.ts';
import { unique } from '../../../src/inputs/selection/unique.ts';
import { collect } from '../../helpers/collect.ts';

const numbers = Array.from({ length: 100 }, (_, at) => at);

describe('unique()', () => {
  test('drops requests that are equal in method, URL, body and header fields, and keeps the first', async () => {
    const requests: RequestInput[] = [
      'http://a/',
      { url: 'http://a/', id: 'second' },
      { url: new URL('http://a/'), method: 'get' },
      { url: 'http://a/', method: 'POST', body: 'x' },
      { url: 'http://a/', method: 'POST', body: 'y' },
      { url: 'http://a/', headers: { x: '1' } },
      { url: 'http://a/', headers: [['x', '1']] },
      'http://me:one@a/',
      'http://me:two@a/',
    ];
    expect(await collect(unique(requests))).toEqual([0, 3, 4, 5, 7, 8].map((at) => requests[at]));
  });

  test('keeps every entry that cannot be sent', async () => {
    const rejected = { url: 'x', error: new FetchError('URL_INVALID', 'x') };
    expect(await collect(unique([rejected, rejected]))).toHaveLength(2);
  });
});

describe('shuffle()', () => {
  test('gives every item once, in an order that its seed decides', async () => {
    const [first, again, other] = await Promise.all([1, 1, 2].map((seed) => collect(shuffle(numbers, { seed }))));
    expect(first).toEqual(again);
    expect(first).not.toEqual(other);
    expect(first).not.toEqual(numbers);
    expect(first!.toSorted((a, b) => a - b)).toEqual(numbers);
  });

  test('gives all orders about equally often', async () => {
    const counts = new Map<string, number>();
    for (let seed = 0; seed < 6000; seed += 1) {
      const order = (await collect(shuffle(['a', 'b', 'c'], { seed }))).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(count).toBeGreaterThan(800);
  });

  test.each([-1, 1.5, 'x'])('refuses the seed %s', (seed) => {
    expect(() => shuffle([], { seed: seed as number })).toThrow(`'seed' must be an integer >= 0`);
  });
});

describe('skip() and limit()', () => {
  test('agree with slice()', async () => {
    const count = fc.integer({ min: 0, max: 120 });
    await fc.assert(
      fc.asyncProperty(count, count, async (skipped, limited) => {
        expect(await collect(limit(skip(numbers, skipped), limited))).toEqual(
          numbers.slice(skipped, skipped + limited),
        );
      }),
    );
  });

  test.each([0, 3])('limit() of %d closes its source and reads nothing more', async (count) => {
    let read = 0;
    let isClosed = false;
    async function* endless(): AsyncGenerator<number> {
      try {
        for (;;) yield (read += 1);
      } finally {
        isClosed = true;
      }
    }
    expect(await collect(limit(endless(), count))).toHaveLength(count);
    expect(read).toBe(count);
    expect(isClosed).toBe(count > 0);
  });

  test('refuse a negative count at once', () => {
    expect(() => skip([], -1)).toThrow(`'count' must be an integer >= 0`);
    expect(() => limit([], 0.5)).toThrow(`'count' must be an integer >= 0`);
  });
});
