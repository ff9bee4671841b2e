import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startServer, type TestServer } from '../../../cli/server/server.ts';
import { readRateLimit } from '../../../src/http/rate-limit-headers.ts';
import { createFetcher } from '../../../src/index.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

/** Asks one path after another, and returns their statuses. */
async function statusesOf(paths: readonly string[]): Promise<number[]> {
  const statuses: number[] = [];
  for (const path of paths) statuses.push((await fetch(server.url + path)).status);
  return statuses;
}

describe('GET /limit', () => {
  test('/window/N/S refuses what is beyond N requests in S seconds, over all of its paths', async () => {
    expect(await statusesOf(['a', 'b', 'c'].map((page) => `/limit/window/2/60/${page}`))).toEqual([200, 200, 429]);
    expect(await statusesOf(['/limit/window/2/60/a?key=other'])).toEqual([200]);
  });

  test('/bucket/N/B lets B requests through at once', async () => {
    const paths = Array.from({ length: 4 }, (_, page) => `/limit/bucket/1/3/${page}`);
    expect(await statusesOf(paths)).toEqual([200, 200, 200, 429]);
  });

  test('/outage/UP/DOWN answers 503 while it is down', async () => {
    expect(await statusesOf(['/limit/outage/60/1/a', '/limit/outage/0/60/a'])).toEqual([200, 503]);
  });

  test.each([
    ['ratelimit', 'ratelimit', /^"default";r=0;t=60$/],
    ['ratelimit-07', 'ratelimit', /^limit=1, remaining=0, reset=60$/],
    ['ratelimit-06', 'ratelimit-reset', /^60$/],
    ['x-ratelimit', 'x-ratelimit-reset', /^60$/],
    ['github', 'x-ratelimit-reset', /^\d{10}$/],
    ['x', 'x-rate-limit-reset', /^\d{10}$/],
    ['discord', 'x-ratelimit-reset-after', /^\d\d\.\d{3}$/],
    ['openai', 'x-ratelimit-reset-requests', /^[01]m\d+s$/],
    ['retry-after', 'retry-after', /^60$/],
  ])('?tell=%s tells what is left, as we read it', async (tell, name, value) => {
    const path = `/limit/window/1/60/a?key=${tell}&tell=${tell}`;
    await fetch(server.url + path);
    const refused = await fetch(server.url + path);
    expect(refused.status).toBe(429);
    expect(refused.headers.get(name)).toMatch(value);
    const told = readRateLimit(Object.fromEntries(refused.headers), Date.now());
    if (tell === 'retry-after') return expect(told).toBeUndefined();
    expect(told?.remaining).toBe(0);
    expect(told?.resetMs).toBeGreaterThan(50_000);
    return expect(told?.resetMs).toBeLessThanOrEqual(62_000);
  });

  test('?tell= refuses a family that it does not know', async () => {
    expect(await statusesOf(['/limit/window/1/60/a?tell=nobody'])).toEqual([400]);
  });

  test('/outage with ?how=reset closes the connection', async () => {
    await expect(fetch(`${server.url}/limit/outage/0/60/a?how=reset`)).rejects.toThrow(TypeError);
  });

  test('/knee/WORKERS/MS serves so many at once, and the others after them', async () => {
    const at = performance.now();
    await Promise.all(['a', 'b', 'c'].map((page) => statusesOf([`/limit/knee/1/30/${page}`])));
    expect(performance.now() - at).toBeGreaterThanOrEqual(89);
  });

  test('/knee with ?collapse= takes longer for each, the more are inside', async () => {
    const at = performance.now();
    // 30 ms, then twice and three times as long, one after the other.
    await Promise.all(['a', 'b', 'c'].map((page) => statusesOf([`/limit/knee/1/30/${page}?collapse=1`])));
    expect(performance.now() - at).toBeGreaterThanOrEqual(179);
  });

  test('/knee with ?most= answers 503 when more are inside', async () => {
    const paths = ['most=0', 'most=1', 'most=1', 'collapse=0'].map((query) => `/limit/knee/1/1/a?${query}`);
    expect(await statusesOf(paths)).toEqual([503, 200, 200, 400]);
  });
});

describe('fetching from a limited server over real sockets', () => {
  const urls = (path: string, count: number): string[] =>
    Array.from({ length: count }, (_, page) => `${server.url}${path.replace('PAGE', String(page))}`);

  test.each([
    ['a window without a hint', '/limit/window/20/1/PAGE?key=plain', 0.3],
    ['a bucket without a hint', '/limit/bucket/40/5/PAGE', 0.3],
    ['a window that tells its quota', '/limit/window/20/1/PAGE?key=told&tell=ratelimit', 0.15],
  ])('%s loses nothing', async (_, path, mostRefused) => {
    await using fetcher = createFetcher();
    const before = server.requests;
    const results = await fetcher.gather(urls(path, 60));
    expect(results.filter(({ ok }) => ok)).toHaveLength(60);
    expect(server.requests - before - 60).toBeLessThanOrEqual(60 * mostRefused);
  });
});
