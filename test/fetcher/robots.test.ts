import { beforeAll, describe, expect, test } from 'vitest';
import { createFetcherOn } from '../../src/fetcher/fetcher.ts';
import { FetchError, type FetchErrorCode } from '../../src/http/error.ts';
import { createFetcher, type Fetcher, type FetcherOptions, type FetchResult, type MockReply } from '../../src/index.ts';
import { collect } from '../helpers/collect.ts';
import { ManualClock } from '../helpers/manual-clock.ts';
import { ModelServer, type Rule } from '../helpers/model-server.ts';
import { loopbackCertificate } from '../helpers/servers/certificate.ts';
import { respond, serve } from '../helpers/servers/serve.ts';
import { serveHttp2 } from '../helpers/servers/serve-http2.ts';

// Loading it takes real time, which a clock that stands still does not have.
beforeAll(() => import('../../src/http/robots-txt.ts'));

const a = 'http://a.test';
const numbered = (origin: string, count: number): string[] =>
  Array.from({ length: count }, (_, at) => `${origin}/${at}`);
const fault = (code: FetchErrorCode): FetchError => new FetchError(code, code);
const isRobots = (url: string): boolean => url.endsWith('/robots.txt');
const denying = (...paths: readonly string[]): MockReply => ({
  body: ['User-agent: *', ...paths.map((path) => `Disallow: ${path}`)].join('\n'),
});

interface World extends AsyncDisposable {
  readonly clock: ManualClock;
  readonly server: ModelServer;
  readonly fetcher: Fetcher;
}

/** A fetcher in virtual time whose hosts have the robots.txt that `file` says; everything else is 200, or as `page` says. */
function world(file: Rule, { page = () => ({}), ...options }: FetcherOptions & { readonly page?: Rule } = {}): World {
  const clock = new ManualClock();
  const server = new ModelServer(clock, (arrival) => (isRobots(arrival.url) ? file(arrival) : page(arrival)));
  const fetcher = createFetcherOn(clock, { transport: server.transport, robots: true, ...options });
  return { clock, server, fetcher, [Symbol.asyncDispose]: () => fetcher.close() };
}

async function fetchAll(
  { clock, fetcher }: Pick<World, 'clock' | 'fetcher'>,
  urls: readonly string[],
): Promise<FetchResult[]> {
  const results = await clock.runUntil(collect(fetcher.asCompleted(urls)));
  expect(results.map(({ index }) => index).sort((one, other) => one - other)).toEqual([...urls.keys()]);
  return results.sort((one, other) => one.index - other.index);
}

const outcome = (result: FetchResult): number | string =>
  result.kind === 'response' ? result.status : result.kind === 'failure' ? result.error.code : result.kind;
const asked = ({ server }: World): string[] => server.arrivals.filter(({ url }) => isRobots(url)).map(({ url }) => url);
const pages = ({ server }: World): string[] =>
  server.arrivals.filter(({ url }) => !isRobots(url)).map(({ url }) => url);

describe('With `robots`', () => {
  test('robots.txt is asked for once, before anything else of the host, and what it denies is not sent', async () => {
    await using scene = world(() => denying('/private'));
    const urls = ['/a', '/private/b', '/c?d', '/private'].map((path) => a + path);
    const results = await fetchAll(scene, urls);
    expect(results.map(outcome)).toEqual([200, 'ROBOTS_DENIED', 200, 'ROBOTS_DENIED']);
    expect(scene.server.arrivals.map(({ url }) => url)).toEqual([`${a}/robots.txt`, `${a}/a`, `${a}/c?d`]);
    expect(results[1]).toMatchObject({ attempts: 0, error: { retryable: false } });
    expect(results[1]).not.toHaveProperty('at');
    expect((results[1] as { error: FetchError }).error.message).toBe('robots.txt line 2: disallow: /private (for *)');
    // A later run knows it.
    await fetchAll(scene, [`${a}/e`]);
    expect(asked(scene)).toHaveLength(1);
  });

  test('each host has its own, and none is asked for more than once', async () => {
    await using scene = world(({ url }) => (url.includes('h7.') ? denying('/') : {}), { concurrency: 10 });
    const urls = Array.from({ length: 3000 }, (_unused, at) => `http://h${at % 1000}.test/${at}`);
    const results = await fetchAll(scene, urls);
    expect(asked(scene)).toHaveLength(1000);
    expect(new Set(asked(scene)).size).toBe(1000);
    expect(results.filter(({ ok }) => !ok).map(({ index }) => index)).toEqual([7, 1007, 2007]);
    expect(scene.server.maxInFlight).toBeLessThanOrEqual(10);
  });

  test.each<[string, Rule, number | string, number]>([
    ['404', () => ({ status: 404 }), 200, 1],
    ['403', () => ({ status: 403 }), 200, 1],
    ['a page', () => ({ body: '<html><body>Disallow: /</body></html>' }), 200, 1],
    ['nothing', () => ({}), 200, 1],
    ['500', () => ({ status: 500 }), 'ROBOTS_DENIED', 5],
    ['501', () => ({ status: 501 }), 'ROBOTS_DENIED', 1],
    ['503', () => ({ status: 503 }), 'ROBOTS_DENIED', 5],
    ['cut', () => fault('BODY_TRUNCATED'), 'ROBOTS_DENIED', 5],
    ['a long page that was not found', () => ({ status: 404, body: 'x'.repeat(600_000) }), 200, 1],
    ['a long page of a broken server', () => ({ status: 501, body: 'x'.repeat(600_000) }), 'ROBOTS_DENIED', 1],
    ['a wrong certificate', () => fault('TLS_EXPIRED'), 200, 1],
    ['a name that does not exist', () => fault('DNS_NOT_FOUND'), 200, 1],
    ['a redirect to itself', () => ({ status: 302, headers: { location: '/robots.txt' } }), 200, 1],
  ])('a robots.txt that is %s decides about all URLs of the host', async (_, file, expected, requests) => {
    await using scene = world(file);
    const results = await fetchAll(scene, numbered(a, 20));
    expect(results.map(outcome)).toEqual(Array.from({ length: 20 }, () => expected));
    expect(asked(scene)).toHaveLength(requests);
  });

  test('a host without an address fails its URLs for that reason', async () => {
    await using scene = world(() => fault('DNS_NOT_FOUND'), { page: () => fault('DNS_NOT_FOUND') });
    expect((await fetchAll(scene, numbered(a, 3))).map(outcome)).toEqual(
      Array.from({ length: 3 }, () => 'DNS_NOT_FOUND'),
    );
  });

  test('a robots.txt that cannot be read is asked for again after a minute', async () => {
    await using scene = world(({ at }) => (at < 30_000 ? { status: 503 } : denying('/1')));
    const first = await fetchAll(scene, numbered(a, 2));
    expect(first[0]).toMatchObject({
      attempts: 0,
      error: {
        code: 'ROBOTS_DENIED',
        retryable: true,
        message: `All URLs are disallowed, as ${a}/robots.txt cannot be read: 503`,
      },
    });
    await scene.clock.pass(55_000);
    expect((await fetchAll(scene, numbered(a, 2))).map(outcome)).toEqual(['ROBOTS_DENIED', 'ROBOTS_DENIED']);
    expect(asked(scene)).toHaveLength(5);
    await scene.clock.pass(6000);
    expect((await fetchAll(scene, numbered(a, 2))).map(outcome)).toEqual([200, 'ROBOTS_DENIED']);
    expect(asked(scene)).toHaveLength(6);
  });

  test('a refused robots.txt is asked for as the pace allows', async () => {
    await using scene = world(({ at }) => (at < 5000 ? { status: 429 } : denying('/0')));
    expect((await fetchAll(scene, numbered(a, 3))).map(outcome)).toEqual(['ROBOTS_DENIED', 200, 200]);
    expect(asked(scene).length).toBeLessThan(8);
  });

  test('a host that does not answer is down, and says so', async () => {
    await using scene = world(() => fault('CONNECT_REFUSED'), {
      page: () => fault('CONNECT_REFUSED'),
    });
    const results = await fetchAll(scene, numbered(a, 2000));
    expect(results.every((result) => outcome(result) === 'HOST_DOWN')).toBe(true);
    expect(pages(scene)).toEqual([]);
    expect(scene.server.arrivals.length).toBeLessThan(20);
    expect(scene.fetcher.load().held).toMatchObject([{ host: a, isDown: true, notSent: 2000 }]);
  });

  test('a host that does not answer for a while is asked until it does, and loses no URL', async () => {
    const bad: Rule = ({ at }) => (at < 5000 ? fault('CONN_RESET') : {});
    await using scene = world(bad, { page: bad });
    expect((await fetchAll(scene, numbered(a, 200))).every(({ ok }) => ok)).toBe(true);
    expect(asked(scene).length).toBeLessThan(12);
  });

  test('without retries robots.txt is asked for once', async () => {
    await using scene = world(() => ({ status: 500 }), { retry: { retries: 0 } });
    expect((await fetchAll(scene, numbered(a, 2))).map(outcome)).toEqual(['ROBOTS_DENIED', 'ROBOTS_DENIED']);
    expect(asked(scene)).toHaveLength(1);
  });

  test('a robots.txt is waited for no longer than 30 s, even without a time limit', async () => {
    const clock = new ManualClock();
    const server = new ModelServer(
      clock,
      () => ({}),
      (url) => (isRobots(url) ? 100_000 : 20),
    );
    const options = { transport: server.transport, robots: true, timeoutMs: Infinity, retry: { retries: 0 } };
    await using fetcher = createFetcherOn(clock, options);
    const startedAt = clock.now();
    expect((await fetchAll({ clock, fetcher }, numbered(a, 2))).map(outcome)).toEqual([
      'ROBOTS_DENIED',
      'ROBOTS_DENIED',
    ]);
    expect(clock.now() - startedAt).toBe(30_000);
  });

  const leadingOn =
    (hops: number): Rule =>
    ({ url }) => {
      const hop = Number(/hop(\d+)/.exec(url)?.[1] ?? 0);
      return hop < hops ? { status: 301, headers: { location: `http://hop${hop + 1}.test/robots.txt` } } : denying('/');
    };

  test.each([
    [5, 'ROBOTS_DENIED'],
    [6, 200],
  ])('%i redirects of a robots.txt, to other hosts too: %s', async (hops, expected) => {
    await using scene = world(leadingOn(hops), { maxRedirects: 0 });
    expect((await fetchAll(scene, [`${a}/x`])).map(outcome)).toEqual([expected]);
  });

  test('of a long robots.txt 500 KiB are read, and no half rule', async () => {
    const line = 'Disallow: /0123456\n';
    const head = `User-agent: *\nDisallow: /early\n`;
    const filler = line.repeat(Math.ceil((500 * 1024 - head.length) / line.length));
    const body = `${head}${filler}Disallow: /late\n${filler}`;
    await using scene = world(() => ({ body }));
    const results = await fetchAll(
      scene,
      ['/early', '/late', '/0123456', '/0', '/x'].map((path) => a + path),
    );
    expect(results.map(outcome)).toEqual(['ROBOTS_DENIED', 200, 'ROBOTS_DENIED', 200, 200]);
  });

  test.each<[string, FetcherOptions, string]>([
    ['fetchmany', {}, '/ours'],
    ['the first word of an own User-Agent', { headers: { 'User-Agent': 'My-Crawler/2 (+http://b.test)' } }, '/theirs'],
  ])('the rules are those for %s', async (_, options, denied) => {
    const body = 'User-agent: fetchmany\nDisallow: /ours\nUser-agent: x\n\nUser-agent: my-crawler\nDisallow: /theirs';
    await using scene = world(() => ({ body: body.replace('\nUser-agent: x\n', '\n') }), options);
    const results = await fetchAll(scene, [`${a}/ours`, `${a}/theirs`]);
    expect(results.filter(({ ok }) => !ok).map(({ url }) => url)).toEqual([a + denied]);
  });
});

describe('A redirect', () => {
  const to = (location: string): MockReply => ({ status: 302, headers: { location } });

  test.each([
    ['of the same host', `${a}/private`, 'line 2: disallow: /private (for *)'],
    ['of another host', 'http://b.test/private', 'line 2: disallow: /private (for *)'],
  ])('is not followed to a URL %s that is denied', async (_, location, line) => {
    await using scene = world(() => denying('/private'), {
      page: ({ url }) => (url === `${a}/go` ? to(location) : {}),
    });
    const [result] = await fetchAll(scene, [`${a}/go`]);
    expect(result).toMatchObject({ attempts: 1, redirects: 0, finalUrl: `${a}/go`, error: { code: 'ROBOTS_DENIED' } });
    expect((result as { error: FetchError }).error.message).toBe(`robots.txt ${line}`);
    expect(pages(scene)).toEqual([`${a}/go`]);
    expect(scene.fetcher.load().inFlight).toBe(0);
  });

  test('is followed to a URL that is allowed, after the robots.txt of its host', async () => {
    await using scene = world(() => denying('/private'), {
      page: ({ url }) => (url === `${a}/go` ? to('http://b.test/x') : {}),
    });
    expect(await fetchAll(scene, [`${a}/go`])).toMatchObject([{ status: 200, redirects: 1 }]);
    expect(scene.server.arrivals.map(({ url }) => url)).toEqual([
      `${a}/robots.txt`,
      `${a}/go`,
      'http://b.test/robots.txt',
      'http://b.test/x',
    ]);
  });

  test('to a host whose robots.txt cannot be read is final, and not tried again', async () => {
    await using scene = world(({ url }) => (url.startsWith(a) ? {} : { status: 500 }), {
      page: () => to('http://b.test/x'),
    });
    const [result] = await fetchAll(scene, [`${a}/go`]);
    expect(result).toMatchObject({ attempts: 1, error: { code: 'ROBOTS_DENIED', retryable: true } });
    expect(pages(scene)).toEqual([`${a}/go`]);
  });
});

describe('A Crawl-delay', () => {
  const delay = (seconds: number, ...rules: readonly string[]): MockReply => ({
    body: ['User-agent: *', `Crawl-delay: ${seconds}`, ...rules].join('\n'),
  });
  const gaps = (server: ModelServer): number[] => {
    const starts = server.arrivals.filter(({ url }) => !isRobots(url)).map(({ at }) => at);
    return starts.slice(1).map((at, index) => at - starts[index]!);
  };

  test('of 2 s comes before a faster rate: one start each 2 s, one at a time', async () => {
    await using scene = world(() => delay(2), { perHost: { rate: 10 } });
    await fetchAll(scene, numbered(a, 10));
    expect(gaps(scene.server)).toEqual(Array.from({ length: 9 }, () => 2000));
    expect(scene.fetcher.load().paced).toEqual([{ host: a, perSecond: 0.5, from: 'robots' }]);
  });

  test('gives way to a slower rate', async () => {
    await using scene = world(() => delay(2), { perHost: { rate: 0.2 } });
    await fetchAll(scene, numbered(a, 4));
    expect(gaps(scene.server)).toEqual([5000, 5000, 5000]);
  });

  test('counts from start to start, and a slow answer is waited for', async () => {
    const clock = new ManualClock();
    const server = new ModelServer(
      clock,
      ({ url }) => (isRobots(url) ? delay(2) : {}),
      (url) => (url.endsWith('1') ? 5000 : 500),
    );
    await using fetcher = createFetcherOn(clock, { transport: server.transport, robots: true });
    await fetchAll({ clock, fetcher }, numbered(a, 4));
    expect(gaps(server)).toEqual([2000, 5000, 2000]);
    expect(server.maxInFlight).toBe(1);
  });

  test('of 100 s is kept as 30 s, and load() tells both', async () => {
    await using scene = world(() => delay(100));
    await fetchAll(scene, numbered(a, 3));
    expect(gaps(scene.server)).toEqual([30_000, 30_000]);
    expect(scene.fetcher.load().paced).toEqual([{ host: a, perSecond: 1 / 30, from: 'robots', askedMs: 100_000 }]);
  });

  test('does not hold up other hosts, nor what is denied', async () => {
    await using scene = world(({ url }) => (url.startsWith(a) ? delay(10, 'Disallow: /d') : {}));
    const startedAt = scene.clock.now();
    const denied = Array.from({ length: 500 }, (_unused, at) => `${a}/d${at}`);
    const results = await fetchAll(scene, [`${a}/0`, ...denied, `${a}/1`, ...numbered('http://b.test', 100)]);
    expect(results.filter((result) => outcome(result) === 'ROBOTS_DENIED')).toHaveLength(500);
    expect(scene.clock.now() - startedAt).toBeLessThan(10_200);
    expect(scene.server.arrivals.filter(({ url }) => url.startsWith('http://b.')).at(-1)!.at).toBeLessThan(600);
  });
});

describe('The end of a run', () => {
  test('ends the wait for a robots.txt: no request and no timer is left', async () => {
    const never = new ManualClock();
    const server = new ModelServer(
      never,
      () => ({}),
      () => 3_600_000,
    );
    const fetcher = createFetcherOn(never, { transport: server.transport, robots: true });
    const reading = collect(fetcher.asCompleted(numbered(a, 50))).catch((error: unknown) => error);
    await never.pass(100);
    expect(server.inFlight).toBe(1);
    expect(fetcher.load().waitingFor.robots).toBe(50);
    await fetcher.close();
    expect(await reading).toMatchObject({ name: 'AbortError' });
    expect([server.inFlight, never.timers]).toEqual([0, 0]);
  });

  test.each(['stop', 'signal'] as const)('by %s asks for no further robots.txt', async (how) => {
    const clock = new ManualClock();
    const server = new ModelServer(
      clock,
      () => ({}),
      () => 1000,
    );
    await using fetcher = createFetcherOn(clock, { transport: server.transport, robots: true, concurrency: 5 });
    const controller = new AbortController();
    const urls = Array.from({ length: 300 }, (_, host) => `http://h${host}.test/`);
    const results: FetchResult[] = [];
    const reading = (async () => {
      for await (const result of fetcher.asCompleted(urls, { [how]: controller.signal })) results.push(result);
    })().catch(() => undefined);
    await clock.pass(3500);
    const sent = server.arrivals.length;
    expect(sent).toBeGreaterThanOrEqual(15);
    expect(sent).toBeLessThanOrEqual(20);
    controller.abort();
    await clock.runUntil(reading);
    await clock.pass(5000);
    expect(server.arrivals).toHaveLength(sent);
    expect([server.inFlight, clock.timers, fetcher.load().waiting]).toEqual([0, 0, 0]);
  });

  test('that was left early keeps nothing from a later run', async () => {
    await using scene = world(() => denying('/1'));
    const controller = new AbortController();
    const left = collect(scene.fetcher.asCompleted(numbered(a, 5), { signal: controller.signal })).catch(
      () => undefined,
    );
    controller.abort();
    await scene.clock.runUntil(left);
    expect((await fetchAll(scene, numbered(a, 2))).map(outcome)).toEqual([200, 'ROBOTS_DENIED']);
  });
});

test('A link that is followed is asked about like any other', async () => {
  await using scene = world(() => denying('/2'));
  const follow = ({ url }: FetchResult): string[] => (url.endsWith('/3') ? [] : [`${a}/${Number(url.at(-1)) + 1}`]);
  const results = await scene.clock.runUntil(collect(scene.fetcher.asCompleted([`${a}/1`], { follow })));
  expect(results.map(outcome)).toEqual([200, 'ROBOTS_DENIED', 200]);
});

test('Without `robots` nobody asks', async () => {
  await using scene = world(() => denying('/'), { robots: false });
  expect((await fetchAll(scene, numbered(a, 3))).map(outcome)).toEqual([200, 200, 200]);
  expect(asked(scene)).toEqual([]);
});

describe('Over real sockets', () => {
  test('fetch(), gather() and sequential() share one robots.txt', async () => {
    const file = respond(200, {}, 'User-agent: *\nDisallow: /no');
    await using server = await serve({ '/robots.txt': file, '/no': respond(200), '/yes': respond(200) });
    await using fetcher = createFetcher({ robots: true });
    const [no, yes] = await Promise.all([fetcher.fetch(`${server.url}/no`), fetcher.fetch(`${server.url}/yes`)]);
    expect([outcome(no), outcome(yes)]).toEqual(['ROBOTS_DENIED', 200]);
    await expect(fetcher.gather([`${server.url}/no`])).rejects.toMatchObject({ code: 'ROBOTS_DENIED' });
    expect((await collect(fetcher.sequential([`${server.url}/yes`]))).map(outcome)).toEqual([200]);
    expect(server.paths).toEqual(['/robots.txt', '/yes', '/yes']);
  });

  test('a robots.txt is asked for over HTTP/2, with the same headers and trust', async () => {
    await using server = await serveHttp2((stream, { path }) => {
      stream.respond({ ':status': 200 });
      stream.end(path === '/robots.txt' ? 'User-agent: *\nDisallow: /no' : 'x');
    });
    await using fetcher = createFetcher({ robots: true, http2: true, tls: { ca: (await loopbackCertificate()).cert } });
    const results = await fetcher.gather([`${server.url}/no`, `${server.url}/yes`], { returnExceptions: true });
    expect(results.map(outcome)).toEqual(['ROBOTS_DENIED', 200]);
  });
});
