import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createFetcher, FetchError, mockTransport, type Transport } from '../../src/index.ts';
import { collect } from '../helpers/collect.ts';
import { heldTransport } from '../helpers/held-transport.ts';
import { quiet } from '../helpers/process/quiet.ts';
import { after, held, respond, serve } from '../helpers/servers/serve.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const paths = (origin: string, count: number): string[] => Array.from({ length: count }, (_, at) => `${origin}/${at}`);
/** A transport that takes `ms` milliseconds for each request. */
const taking = (ms: number): Transport =>
  mockTransport(() => new Promise((resolve) => void setTimeout(resolve, ms, {})));

describe('concurrency', () => {
  test('limits the requests over all hosts', async () => {
    await using server = await serve(after(5, respond(200)));
    await using fetcher = createFetcher({ concurrency: 7 });
    const urls = ['a', 'b', 'c', 'd'].flatMap((name) => paths(server.at(name), 20));
    await fetcher.gather(urls);
    expect(server.requests).toHaveLength(80);
    expect(server.maxInFlight()).toBe(7);
  });

  test('perHost.concurrency limits each host, and all hosts are used', async () => {
    await using server = await serve(after(5, respond(200)));
    await using fetcher = createFetcher({ perHost: { concurrency: 3 } });
    await fetcher.gather(['a', 'b', 'c'].flatMap((name) => paths(server.at(name), 15)));
    for (const name of ['a', 'b', 'c']) expect(server.maxInFlight(name)).toBe(3);
    expect(server.maxInFlight()).toBe(9);
  });

  test('is 50 over all hosts and 6 per host by default', async () => {
    const wire = heldTransport();
    await using fetcher = createFetcher({ transport: wire.transport });
    const urls = Array.from({ length: 12 }, (_, host) => paths(`http://${host}.test`, 10)).flat();
    const gathered = fetcher.gather(urls);
    await wire.until(50);
    await quiet();
    expect(wire.underWay).toHaveLength(50);
    expect(wire.underWay.filter((path) => path === '/0')).toHaveLength(9);
    expect(wire.underWay.filter((path) => path === '/6')).toEqual([]);
    const answering = setInterval(() => wire.answerAll(), 1);
    await gathered;
    clearInterval(answering);
    expect(wire.most).toBe(50);
  });

  test('does not let a slow host at the front hold up the others', async () => {
    const slow = held(respond(200));
    await using server = await serve({ '/slow': slow, '*': respond(200) });
    await using fetcher = createFetcher({ concurrency: 10, perHost: { concurrency: 4 } });
    const slowOnes = Array.from({ length: 40 }, () => `${server.at('slow')}/slow`);
    const others = ['a', 'b', 'c'].flatMap((name) => paths(server.at(name), 20));
    const order: string[] = [];
    for await (const { url } of fetcher.asCompleted([...slowOnes, ...others])) {
      order.push(new URL(url).pathname);
      if (order.length === others.length) slow.release();
    }
    expect(order.slice(0, 60)).not.toContain('/slow');
    expect(order).toHaveLength(100);
    expect(server.maxInFlight('slow')).toBe(4);
  });

  test('keeps many hosts busy when the list is sorted by host', async () => {
    const wire = heldTransport();
    await using fetcher = createFetcher({ transport: wire.transport, concurrency: 30, perHost: { concurrency: 2 } });
    const urls = Array.from({ length: 15 }, (_, host) => paths(`http://${host}.test`, 100)).flat();
    const gathered = fetcher.gather(urls);
    await wire.until(30);
    expect(wire.underWay).toHaveLength(30);
    const answering = setInterval(() => wire.answerAll(), 0);
    await gathered;
    clearInterval(answering);
  });
});

describe('rate', () => {
  test('spaces the starts over all hosts', async () => {
    await using server = await serve(respond(200));
    await using fetcher = createFetcher({ rate: 40 });
    const begin = performance.now();
    await fetcher.gather(['a', 'b', 'c', 'd'].flatMap((name) => paths(server.at(name), 2)));
    for (const [place, { at }] of server.requests.entries()) expect(at - begin).toBeGreaterThanOrEqual(place * 25);
  });

  test('never bursts, at the start or after a pause', async () => {
    const starts: number[] = [];
    const transport = mockTransport(() => {
      starts.push(performance.now());
      return {};
    });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
    await using fetcher = createFetcher({ rate: 40, transport });
    const first = fetcher.gather(paths('http://a.test', 4));
    await vi.advanceTimersByTimeAsync(500);
    await first;
    const second = fetcher.gather(paths('http://b.test', 3));
    await vi.advanceTimersByTimeAsync(500);
    await second;
    expect(starts).toHaveLength(7);
    for (const [at, start] of starts.slice(1).entries()) expect(start - starts[at]!).toBeGreaterThanOrEqual(25 - 1);
  });

  test('perHost.rate spaces the starts of each host on its own', async () => {
    vi.useFakeTimers();
    const starts = new Map<string, number[]>();
    const begin = performance.now();
    const transport = mockTransport(({ url }) => {
      const { hostname } = new URL(url);
      starts.set(hostname, [...(starts.get(hostname) ?? []), performance.now() - begin]);
      return {};
    });
    await using fetcher = createFetcher({ perHost: { rate: 25 }, transport });
    const gathered = fetcher.gather(['a', 'b'].flatMap((name) => paths(`http://${name}.test`, 4)));
    await vi.advanceTimersByTimeAsync(200);
    await gathered;
    expect([...starts]).toEqual([
      ['a.test', [0, 40, 80, 120]],
      ['b.test', [0, 40, 80, 120]],
    ]);
  });

  test('counts retries as starts', async () => {
    const starts: number[] = [];
    const transport = mockTransport(() => {
      starts.push(performance.now());
      return { status: starts.length < 3 ? 500 : 200 };
    });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
    await using fetcher = createFetcher({ rate: 4, transport });
    const fetched = fetcher.fetch('http://a.test/');
    await vi.advanceTimersByTimeAsync(5000);
    expect(await fetched).toMatchObject({ status: 200, attempts: 3 });
    for (const [at, start] of starts.slice(1).entries()) expect(start - starts[at]!).toBeGreaterThanOrEqual(249);
  });

  test('of one start per year does not spin', async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning);
    process.on('warning', onWarning);
    const wire = heldTransport();
    {
      await using fetcher = createFetcher({ rate: 1e-8, transport: wire.transport });
      void fetcher.gather(paths('http://a.test', 2)).catch(() => undefined);
      await wire.until(1);
      wire.answerAll();
      await quiet();
      expect(wire.sent).toHaveLength(1);
    }
    process.off('warning', onWarning);
    expect(warnings).toEqual([]);
  });
});

describe('a retry', () => {
  test('holds no slot during its backoff', async () => {
    const order: string[] = [];
    let failures = 0;
    const transport = mockTransport(({ url }) => {
      const { pathname } = new URL(url);
      order.push(pathname);
      if (pathname !== '/failing') return {};
      failures += 1;
      // The server orders a wait of a second, so that there is one for certain.
      return failures === 1 ? { status: 503, headers: { 'retry-after': '1' } } : {};
    });
    await using fetcher = createFetcher({ concurrency: 1, transport });
    const results = await fetcher.gather(['http://failing.test/failing', ...paths('http://a.test', 20)]);
    expect(order).toEqual(['/failing', ...paths('', 20), '/failing']);
    expect(results[0]).toMatchObject({ status: 200, attempts: 2 });
  });

  test('starts before requests that have never started', async () => {
    const wire = heldTransport();
    await using fetcher = createFetcher({ concurrency: 1, transport: wire.transport });
    const gathered = fetcher.gather(paths('http://a.test', 40));
    await wire.until(1);
    wire.answer('/0', { status: 503 });
    // Longer than the first backoff can be.
    await wire.until(2);
    await new Promise((resolve) => setTimeout(resolve, 220));
    expect(wire.sent).toEqual(['/0', '/1']);
    wire.answer('/1');
    await wire.until(3);
    expect(wire.sent).toEqual(['/0', '/1', '/0']);
    const answering = setInterval(() => wire.answerAll(), 0);
    await gathered;
    clearInterval(answering);
  });
});

describe('time in our own queue', () => {
  beforeEach(() => void vi.useFakeTimers());

  test('counts neither for timeoutMs nor for elapsedMs', async () => {
    await using fetcher = createFetcher({
      concurrency: 1,
      timeoutMs: 150,
      retry: { retries: 0 },
      transport: taking(100),
    });
    const gathered = fetcher.gather(paths('http://a.test', 8));
    await vi.advanceTimersByTimeAsync(800);
    const results = await gathered;
    expect(results.every(({ ok }) => ok)).toBe(true);
    expect(results.map(({ elapsedMs }) => elapsedMs)).toEqual(Array(8).fill(100));
    expect(results.map(({ timingsMs }) => timingsMs.queue)).toEqual([0, 100, 200, 300, 400, 500, 600, 700]);
  });

  test('is not part of `at`, the time of the first dispatch', async () => {
    await using fetcher = createFetcher({ concurrency: 1, transport: taking(50) });
    const gathered = fetcher.gather(paths('http://a.test', 2));
    await vi.advanceTimersByTimeAsync(100);
    const [first, second] = await gathered;
    expect(Date.parse(second!.at!) - Date.parse(first!.at!)).toBe(50);
  });

  test('between two attempts is not part of elapsedMs', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.5);
    const wire = heldTransport();
    await using fetcher = createFetcher({ concurrency: 1, transport: wire.transport });
    const flaky = fetcher.fetch('http://a.test/flaky');
    const other = fetcher.fetch('http://b.test/other');
    await vi.advanceTimersByTimeAsync(10);
    wire.answer('/flaky', { status: 500 });
    await vi.advanceTimersByTimeAsync(600);
    wire.answer('/other');
    await vi.advanceTimersByTimeAsync(5);
    wire.answer('/flaky');
    const result = await flaky;
    await other;
    // The backoff took 100 ms, and the wait for the slot came after it.
    expect(result).toMatchObject({ attempts: 2, ok: true, elapsedMs: 10 + 100 + 5 });
    expect(result.timingsMs.queue).toBe(500);
  });
});

describe('two runs of one fetcher', () => {
  test('share its limits', async () => {
    await using server = await serve(after(5, respond(200)));
    await using fetcher = createFetcher({ concurrency: 8, perHost: { concurrency: 3 } });
    const urls = (name: string): string[] => ['a', 'b', 'c'].flatMap((host) => paths(`${server.at(host)}/${name}`, 10));
    await Promise.all([
      fetcher.gather(urls('one')),
      collect(fetcher.asCompleted(urls('two'))),
      collect(fetcher.sequential(urls('three'))),
      ...urls('four').map((url) => fetcher.fetch(url)),
    ]);
    expect(server.requests).toHaveLength(120);
    expect(server.maxInFlight()).toBeLessThanOrEqual(8);
    for (const name of ['a', 'b', 'c']) expect(server.maxInFlight(name)).toBeLessThanOrEqual(3);
  });

  test('do not block each other when one consumer stands still', async () => {
    await using fetcher = createFetcher({ concurrency: 4, transport: mockTransport(() => ({})) });
    const stalled = fetcher.asCompleted(paths('http://a.test', 100));
    await stalled.next();
    await quiet();
    expect(await fetcher.gather(paths('http://a.test', 100))).toHaveLength(100);
    let read = 1;
    for await (const { ok } of stalled) read += Number(ok);
    expect(read).toBe(100);
  });

  test('take turns when slots are few', async () => {
    const order: string[] = [];
    const transport = mockTransport(({ url }) => {
      order.push(new URL(url).pathname.slice(1, 4));
      return {};
    });
    await using fetcher = createFetcher({ concurrency: 1, transport });
    await Promise.all([
      fetcher.gather(paths('http://a.test/one', 30)),
      fetcher.gather(paths('http://a.test/two', 30)),
      fetcher.gather(paths('http://b.test/thr', 30)),
    ]);
    // No run is served only after another one has ended.
    for (const name of ['one', 'two', 'thr'])
      expect(order.slice(0, 45).filter((seen) => seen === name).length).toBeGreaterThan(5);
  });

  test('do not deadlock when one is a fetch() inside the loop of the other', async () => {
    await using fetcher = createFetcher({
      concurrency: 1,
      perHost: { concurrency: 1 },
      transport: mockTransport(() => ({})),
    });
    let inner = 0;
    for await (const { url } of fetcher.asCompleted(paths('http://a.test', 10))) {
      inner += Number((await fetcher.fetch(`${url}/inner`)).ok);
    }
    for await (const { url } of fetcher.sequential(paths('http://a.test', 10))) {
      const [result] = await fetcher.gather([`${url}/inner`]);
      inner += Number(result!.ok);
    }
    expect(inner).toBe(20);
  });
});

test('a flood of failures never takes more slots than allowed', async () => {
  let underWay = 0;
  let most = 0;
  const transport = mockTransport(async ({ url }) => {
    underWay += 1;
    most = Math.max(most, underWay);
    await Promise.resolve();
    underWay -= 1;
    if (url.endsWith('7')) return new FetchError('CONN_RESET', 'reset');
    return { status: url.endsWith('3') ? 500 : 200 };
  });
  await using fetcher = createFetcher({ concurrency: 5, retry: { budget: false, retries: 1 }, transport });
  // A host of its own for each reset, as one that only resets is held at the end.
  const urls = paths('http://a.test', 200).map((url, at) => (url.endsWith('7') ? `http://h${at}.test/7` : url));
  const results = await fetcher.gather(urls, { returnExceptions: true });
  expect(results.filter(({ attempts }) => attempts === 2)).toHaveLength(40);
  expect(most).toBeLessThanOrEqual(5);
});
