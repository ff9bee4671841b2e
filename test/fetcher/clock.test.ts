import { afterEach, expect, test, vi } from 'vitest';
import { createFetcher } from '../../src/index.ts';
import { mockTransport } from '../../src/transports/mock.ts';

afterEach(() => void vi.useRealTimers());

test('a clock that is set during a run changes no start time', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const started = Date.now();
  let requests = 0;
  const transport = mockTransport(() => {
    requests += 1;
    if (requests === 2) vi.setSystemTime(started + 24 * 3_600_000);
    return { status: 200 };
  });
  await using fetcher = createFetcher({ transport, concurrency: 1 });
  const results = await fetcher.gather(['http://a.test/1', 'http://a.test/2', 'http://a.test/3', 'http://a.test/4']);
  const times = results.map(({ at }) => Date.parse(at!));
  expect(Math.max(...times) - Math.min(...times)).toBeLessThan(60_000);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
});
