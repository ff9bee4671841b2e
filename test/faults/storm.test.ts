import { expect, test } from 'vitest';
import { createFetcher } from '../../src/index.ts';
import { responseOf } from '../helpers/kinds.ts';
import { respond, serve } from '../helpers/servers/serve.ts';

const urlsOf = (base: string, count: number): string[] => Array.from({ length: count }, (_, at) => `${base}/${at}`);

test('E6 a host with a rate limit gets little more than it allows, all its URLs succeed, and no other host waits', async () => {
  const allowed = 60;
  let windowEndsAt = 0;
  let left = 0;
  let refused = 0;
  await using strict = await serve((response, seen) => {
    const now = performance.now();
    if (now >= windowEndsAt) [windowEndsAt, left] = [now + 900, allowed];
    left -= 1;
    if (left < 0) refused += 1;
    return (left < 0 ? respond(429, { 'retry-after': '1' }) : respond(200))(response, seen);
  });
  await using free = await serve(respond(200));
  await using fetcher = createFetcher();
  const since = performance.now();
  const freeDoneMs = fetcher
    .gather(urlsOf(free.url, 100))
    .then((results) => [performance.now() - since, results.every(({ ok }) => ok)] as const);
  const results = await fetcher.gather(urlsOf(strict.url, 200));

  expect(results.filter(({ ok }) => ok)).toHaveLength(200);
  // Each time the limit is hit, the requests in flight are refused, and no more than these.
  expect(refused).toBeLessThanOrEqual(6 * 4);
  expect(strict.requests).toHaveLength(200 + refused);
  const strictDoneMs = performance.now() - since;
  const [doneMs, isAllOk] = await freeDoneMs;
  expect(isAllOk).toBe(true);
  expect(doneMs).toBeLessThan(strictDoneMs / 2);
});

test('E7 a host that fails every other time loses no URL', async () => {
  const seen = new Set<string>();
  await using server = await serve((response, request) => {
    const isFirst = !seen.has(request.path);
    seen.add(request.path);
    return respond(isFirst ? 500 : 200)(response, request);
  });
  await using fetcher = createFetcher();
  const results = await fetcher.gather(urlsOf(server.url, 100));
  expect(results.map((result) => [responseOf(result).status, result.attempts])).toEqual(results.map(() => [200, 2]));
  expect(server.requests).toHaveLength(200);
});

test('E8, E14 a host that always fails gets no more than the allowed attempts, and the run ends', async () => {
  await using server = await serve(respond(500));
  await using fetcher = createFetcher({ perHost: { concurrency: 50 } });
  const results = await fetcher.gather(urlsOf(server.url, 100));
  expect(results.filter((result) => responseOf(result).status === 500)).toHaveLength(100);
  expect(Math.max(...results.map(({ attempts }) => attempts))).toBeLessThanOrEqual(3);
  // One request for each URL, and the 20 retries that a host is given before one has helped.
  expect(server.requests).toHaveLength(120);
});
