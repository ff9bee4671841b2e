import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { saveTo } from '../../src/bodies.ts';
import { openCookieJar } from '../../src/cookies.ts';
import {
  createFetcher,
  FetchError,
  mockTransport,
  type Around,
  type FetcherOptions,
  type FetchResult,
} from '../../src/index.ts';
import { collect } from '../helpers/collect.ts';
import { loopbackCertificate } from '../helpers/servers/certificate.ts';
import { serveHttp2 } from '../helpers/servers/serve-http2.ts';
import { respond, serve, silence } from '../helpers/servers/serve.ts';
import { temporary } from '../helpers/temporary.ts';

const files = temporary('hooks');
const pass: Around = (request, next) => next(request);
const hang = (): Promise<never> => new Promise(() => {});

const places = ['around', 'aroundSend'] as const;

describe('hooks', () => {
  test('wrap each other, the first one outermost, and each sees the result of the next', async () => {
    const seen: string[] = [];
    const named =
      (name: string): Around =>
      async (request, next) => {
        seen.push(`${name} in`);
        const result = await next({ ...request, headers: { ...request.headers, [`x-${name}`]: '1' } });
        seen.push(`${name} ${result.kind}`);
        return result;
      };
    await using server = await serve(respond(200, {}, 'body'));
    await using fetcher = createFetcher({ around: [named('a'), named('b')], aroundSend: [named('c'), named('d')] });
    const result = await fetcher.fetch(server.url);
    expect(result).toMatchObject({ kind: 'response', status: 200, length: 4, attempts: 1 });
    expect(result.kind === 'response' && result.text()).toBe('body');
    expect(seen).toEqual(
      ['a', 'b', 'c', 'd'].map((name) => `${name} in`).concat(['d', 'c', 'b', 'a'].map((name) => `${name} response`)),
    );
    expect(server.requests[0]!.headers).toMatchObject({ 'x-a': '1', 'x-b': '1', 'x-c': '1', 'x-d': '1' });
  });

  test('see each message over a retry and a redirect, or the whole request once', async () => {
    await using server = await serve({
      '/start': [respond(503), (response, seen) => respond(302, { location: `${server.at('b')}/end` })(response, seen)],
      '/end': respond(200),
    });
    const seen: string[] = [];
    const note =
      (place: string): Around =>
      async (request, next, { attempt }) => {
        const result = await next(request);
        const status = result.kind === 'response' ? result.status : result.error.code;
        seen.push(`${place} ${request.url} ${request.headers['x-own'] ?? '-'} ${attempt} ${status}`);
        return result;
      };
    await using fetcher = createFetcher({ around: [note('whole')], aroundSend: [note('message')] });
    const result = await fetcher.fetch({ url: `${server.at('a')}/start`, headers: { 'X-Own': 'o' } });
    expect(result).toMatchObject({ status: 200, attempts: 2, redirects: 1, finalUrl: `${server.at('b')}/end` });
    expect(seen).toEqual([
      `message ${server.at('a')}/start o 1 503`,
      `message ${server.at('a')}/start o 2 302`,
      `message ${server.at('b')}/end - 2 200`,
      `whole ${server.at('a')}/start o 0 200`,
    ]);
  });

  test('may change method, path, headers and body; the record stays that of the input', async () => {
    await using server = await serve(respond(200));
    const change: Around = (request, next) =>
      next({
        url: `${request.url}?signed`,
        method: 'put',
        headers: [['X-A', 'b']],
        body: `${Buffer.from(request.body!).toString()}!`,
      });
    await using fetcher = createFetcher({ aroundSend: [change] });
    const plain = await fetcher.fetch({ url: server.url, method: 'POST', body: 'x', id: '7' });
    expect(plain).toMatchObject({ url: server.url, method: 'POST', id: '7', bodyHash: expect.any(String) as string });
    const [seen] = server.requests;
    expect([seen!.method, seen!.path, seen!.headers['x-a'], seen!.headers.accept, seen!.body.toString()]).toEqual([
      'PUT',
      '/?signed',
      'b',
      undefined,
      'x!',
    ]);
  });

  test.each(places)('%s: nothing but a result can be passed off as one', async (place) => {
    const answers: [answer: unknown, message: RegExp][] = [
      [undefined, /it gave no result, but undefined/],
      ['text', /it gave no result, but 'text'/],
      [{ status: 20 }, /'status' must be/],
      [{ kind: 'cancelled' }, /cancelled result of another request/],
    ];
    for (const [answer, message] of answers) {
      await using fetcher = createFetcher({
        transport: mockTransport(() => ({})),
        [place]: [() => answer],
      });
      const result = await fetcher.fetch('http://a.test/');
      expect(result.kind === 'failure' && result.error.message).toMatch(message);
    }
  });

  test.each([
    ['another origin', { url: 'http://b.test/' }, /next\(\) must stay at http:\/\/a\.test: got http:\/\/b\.test/],
    ['no URL', {}, /Input must be a URL/],
    ['a header that cannot be sent', { url: 'http://a.test/', headers: { 'content-length': '1' } }, /content-length/],
    ['an unknown field', { url: 'http://a.test/', retries: 5 }, /no field 'retries'/],
    ['nothing', undefined, /next\(\) must be given a request/],
  ])('next() with %s is HOOK_FAILED', async (_, given, message) => {
    let sent = 0;
    const transport = mockTransport(() => ({ status: 200 + (sent += 1) }));
    await using fetcher = createFetcher({ transport, aroundSend: [(__, next) => next(given as never)] });
    const result = await fetcher.fetch('http://a.test/');
    expect(result).toMatchObject({ kind: 'failure', attempts: 1, error: { code: 'HOOK_FAILED', retryable: false } });
    expect(result.kind === 'failure' && result.error.message).toMatch(message);
    expect(sent).toBe(0);
  });

  test.each(places)('%s: what it throws is HOOK_FAILED with its cause, and fails no other request', async (place) => {
    const cause = new Error('my bug');
    const hook: Around = async (request, next) => {
      const result = await next(request);
      if (request.url.endsWith('/bad')) throw cause;
      return result;
    };
    await using fetcher = createFetcher({ transport: mockTransport(() => ({})), [place]: [hook] });
    const [good, bad] = await fetcher.gather(['http://a.test/', 'http://a.test/bad'], { returnExceptions: true });
    expect(good).toMatchObject({ kind: 'response', ok: true });
    expect(bad).toMatchObject({ kind: 'failure', attempts: 1, error: { code: 'HOOK_FAILED', cause } });
    expect(bad?.kind === 'failure' && bad.error.message).toBe(`A function of '${place}' failed: my bug`);
  });

  test('that never answer are ended: by timeoutMs, by urlDeadlineMs, by a cancellation, by close()', async () => {
    const transport = mockTransport(() => ({}));
    const limits = { transport, retry: { retries: 1 } };
    await using sending = createFetcher({ ...limits, timeoutMs: 20, aroundSend: [hang] });
    expect(await sending.fetch('http://a.test/')).toMatchObject({ attempts: 2, error: { code: 'TIMEOUT' } });
    await using whole = createFetcher({ ...limits, urlDeadlineMs: 20, around: [hang] });
    expect(await whole.fetch('http://a.test/')).toMatchObject({ attempts: 0, error: { code: 'DEADLINE' } });
    for (const place of places) {
      const fetcher = createFetcher({ ...limits, [place]: [hang] });
      const cancelled = await fetcher.fetch('http://a.test/', { signal: AbortSignal.timeout(5) });
      expect(cancelled).toMatchObject({ kind: 'cancelled' });
      const left = fetcher.fetch('http://a.test/');
      await fetcher.close();
      expect(await left).toMatchObject({ kind: 'cancelled' });
    }
  });

  test('that are ended get no say any more: their signal is aborted, next() sends nothing', async () => {
    const ended = Promise.withResolvers<FetchResult>();
    let sent = 0;
    const transport = mockTransport(async () => {
      sent += 1;
      return hang();
    });
    const hook: Around = async (request, next, { signal }) => {
      const first = await next(request);
      expect([signal.aborted, (signal.reason as FetchError).code]).toEqual([true, 'TIMEOUT']);
      expect(first).toMatchObject({ kind: 'failure', error: { code: 'TIMEOUT' } });
      ended.resolve(await next(request));
      throw new Error('late');
    };
    await using fetcher = createFetcher({ transport, timeoutMs: 20, retry: { retries: 0 }, aroundSend: [hook] });
    expect(await fetcher.fetch('http://a.test/')).toMatchObject({ error: { code: 'TIMEOUT' } });
    expect(await ended.promise).toMatchObject({ kind: 'cancelled' });
    expect(sent).toBe(1);
  });

  test.each(places)('%s: next() may be called again once it has answered; what is returned counts', async (place) => {
    await using server = await serve([respond(401, {}, 'no'), respond(200, {}, 'yes')]);
    const twice: Around = async (request, next) => {
      const first = await next(request);
      return first.kind === 'response' && first.status === 401
        ? next({ ...request, headers: { 'x-second': '1' } })
        : first;
    };
    await using fetcher = createFetcher({ [place]: [twice] });
    const result = await fetcher.fetch(server.url);
    expect(result).toMatchObject({ status: 200, ok: true, attempts: place === 'around' ? 2 : 1 });
    expect(result.kind === 'response' && result.text()).toBe('yes');
    expect(server.requests.map(({ headers }) => headers['x-second'])).toEqual([undefined, '1']);
    expect(fetcher.load()).toMatchObject({ inFlight: 0 });
  });

  test('around: a second next() queues for a slot behind the limit of its host', async () => {
    await using server = await serve(respond(200));
    const twice: Around = async (request, next) => {
      await next(request);
      return next(request);
    };
    await using fetcher = createFetcher({ around: [twice], perHost: { concurrency: 1 } });
    const results = await fetcher.gather(Array.from({ length: 5 }, (_, at) => `${server.url}/${at}`));
    expect(results.map(({ attempts }) => attempts)).toEqual([2, 2, 2, 2, 2]);
    expect(server.maxInFlight()).toBe(1);
  });

  test('next() twice at once is refused', async () => {
    await using server = await serve(respond(200));
    await using fetcher = createFetcher({
      aroundSend: [(request, next) => Promise.all([next(request), next(request)]).then(([a]) => a)],
    });
    expect(await fetcher.fetch(server.url)).toMatchObject({
      error: { code: 'HOOK_FAILED', message: /again before it has answered/ } as never,
    });
    expect(server.requests.length).toBeLessThan(2);
  });

  test.each(places)('%s: an answer that does not wait for next() ends what it sent', async (place) => {
    await using server = await serve(silence);
    const impatient: Around = async (request, next) => {
      void next(request);
      await server.seen(1);
      return { status: 299, body: 'mine' };
    };
    await using fetcher = createFetcher({ [place]: [impatient], timeoutMs: Infinity });
    const result = await fetcher.fetch(server.url);
    expect(result).toMatchObject({ status: 299, length: 4, attempts: 1 });
    await server.deserted();
    expect(fetcher.load()).toMatchObject({ inFlight: 0 });
  });

  test('a response of their own is read under all limits; its redirect is followed in aroundSend', async () => {
    const transport = mockTransport(({ url }) => ({ body: url }));
    const own: Around = (request, next) =>
      request.url.endsWith('/old') ? { status: 301, headers: { location: '/new' } } : next(request);
    await using fetcher = createFetcher({ transport, aroundSend: [own] });
    expect(await fetcher.fetch('http://a.test/old')).toMatchObject({
      status: 200,
      redirects: 1,
      finalUrl: 'http://a.test/new',
    });
    await using small = createFetcher({
      transport,
      around: [() => ({ status: 200, body: 'too long' })],
      maxBodyBytes: 3,
    });
    expect(await small.fetch('http://a.test/')).toMatchObject({ error: { code: 'BODY_TOO_LARGE' } });
    await using failing = createFetcher({ transport, around: [() => new FetchError('TIMEOUT', 'mine')] });
    expect(await failing.fetch('http://a.test/')).toMatchObject({
      attempts: 0,
      error: { code: 'TIMEOUT', message: 'mine' },
    });
  });

  test('the result of an earlier request is an answer too: a cache sends nothing', async () => {
    await using server = await serve(respond(200, { 'content-type': 'text/x', 'set-cookie': ['a=1', 'b=2'] }, 'body'));
    const known = new Map<string, FetchResult>();
    const cache: Around = async (request, next) => {
      const result = known.get(request.url) ?? (await next(request));
      known.set(request.url, result);
      return result;
    };
    await using fetcher = createFetcher({ around: [cache] });
    const results = await collect(fetcher.sequential([server.url, { url: server.url, id: 'x' }]));
    expect(results).toMatchObject([
      { index: 0, status: 200, attempts: 1 },
      {
        index: 1,
        status: 200,
        attempts: 0,
        id: 'x',
        length: 4,
        mediaType: 'text/x',
        headers: { 'set-cookie': ['a=1', 'b=2'] },
      },
    ]);
    expect(results[1]?.kind === 'response' && [results[1].text(), results[1].at]).toEqual(['body', undefined]);
    expect(server.requests).toHaveLength(1);
  });

  test('saved bodies: of two messages the last one is saved, and a response of their own too', async () => {
    await using server = await serve([respond(200, {}, 'first'), respond(200, {}, 'second')]);
    const twice: Around = async (request, next) => {
      const first = await next(request);
      const second = await next(request);
      return request.url.endsWith('/first') ? first : second;
    };
    const folder = files.path();
    const own: Around = (request, next) =>
      request.url.endsWith('/own') ? { status: 200, body: 'own' } : next(request);
    await using fetcher = createFetcher({ responseBody: saveTo(folder), aroundSend: [own, twice] });
    const [second, first, third] = await collect(
      fetcher.sequential(['/second', '/first', '/own'].map((path) => server.url + path)),
    );
    expect(first).toMatchObject({ error: { code: 'HOOK_FAILED', message: /no body any more/ } as never });
    const read = (result: FetchResult | undefined): string =>
      result?.kind === 'response' ? readFileSync(join(folder, result.file!), 'utf8') : '';
    expect([read(second), read(third)]).toEqual(['second', 'own']);
  });

  test('see HTTP/2 messages as any other, with cookies and credentials, and may stop them', async () => {
    await using server = await serveHttp2((stream, { path }) => {
      stream.respond({
        ':status': path === '/login' ? 303 : 200,
        location: '/home',
        'set-cookie': 'a=1; Secure; Path=/',
      });
      stream.end();
    });
    await using cookies = await openCookieJar();
    const seen: string[] = [];
    const note: Around = (request, next) => {
      const { authorization, cookie } = request.headers;
      seen.push(`${new URL(request.url).pathname} ${authorization} ${cookie}`);
      return request.url.endsWith('/stop') ? { status: 418 } : next(request);
    };
    const tls = { ca: (await loopbackCertificate()).cert };
    await using fetcher = createFetcher({ http2: true, tls, cookies, auth: { bearer: 'x' }, aroundSend: [note] });
    const results = await collect(fetcher.sequential([`${server.url}/login`, `${server.url}/stop`]));
    expect(results).toMatchObject([{ status: 200, redirects: 1 }, { status: 418 }]);
    expect(seen).toEqual(['/login Bearer x undefined', '/home Bearer x a=1', '/stop Bearer x a=1']);
    expect(server.requests.map(({ headers }) => headers.cookie)).toEqual([undefined, 'a=1']);
  });

  test.each([[{ around: pass }], [{ aroundSend: ['x'] }], [{ around: null }]])('%o is refused at once', (options) => {
    expect(() => createFetcher(options as unknown as FetcherOptions)).toThrow(/must be an array of functions/);
  });

  test('hold up no other request, and no slot longer than the request', async () => {
    const transport = mockTransport(() => ({}));
    const others = Promise.withResolvers<void>();
    const slow: Around = async (request, next) => {
      if (request.url.includes('slow')) await others.promise;
      return next(request);
    };
    await using fetcher = createFetcher({ transport, aroundSend: [slow], concurrency: 2 });
    const order: number[] = [];
    const urls = ['http://slow.test/', 'http://a.test/', 'http://b.test/'];
    for await (const { index } of fetcher.asCompleted(urls)) {
      order.push(index);
      if (order.length === 2) others.resolve();
    }
    expect(order.at(-1)).toBe(0);
  });
});
