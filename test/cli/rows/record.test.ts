import { describe, expect, test } from 'vitest';
import type { FetchResult } from '../../src/http/result.ts';
import { drain } from '../../src/outputs/drain.ts';
import { response } from '../helpers/results.ts';

const results = [response({ index: 0 }), response({ index: 1 }), response({ index: 2 })];

async function* source(onClose: () => void = () => {}): AsyncGenerator<FetchResult> {
  try {
    yield* results;
  } finally {
    onClose();
  }
}

async function* broken(): AsyncGenerator<FetchResult> {
  yield results[0]!;
  throw new Error('source');
}

describe('drain()', () => {
  test('gives every result to every sink, in order', async () => {
    const seen: string[] = [];
    await drain(source(), [
      (result) => void seen.push(`a${result.index}`),
      (result) => void seen.push(`b${result.index}`),
    ]);
    expect(seen).toEqual(['a0', 'b0', 'a1', 'b1', 'a2', 'b2']);
  });

  test('waits for a sink that has no room', async () => {
    const room = Promise.withResolvers<void>();
    const seen: number[] = [];
    const done = drain(source(), [
      (result) => {
        seen.push(result.index);
        return room.promise;
      },
    ]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(seen).toEqual([0]);
    room.resolve();
    await done;
    expect(seen).toEqual([0, 1, 2]);
  });

  test.each([
    [
      'throws',
      () => {
        throw new Error('full');
      },
    ],
    ['rejects', () => Promise.reject(new Error('full'))],
  ])('closes the source when a sink %s', async (_, sink) => {
    let closed = false;
    await expect(
      drain(
        source(() => (closed = true)),
        [sink],
      ),
    ).rejects.toThrow('full');
    expect(closed).toBe(true);
  });

  test('passes on the error of the source', async () => {
    await expect(drain(broken(), [])).rejects.toThrow('source');
  });
});
