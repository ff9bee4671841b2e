import { describe, expect, test } from 'vitest';
import { createFetcher, mockTransport, type FetcherOptions } from '../../src/index.ts';
import { maxOpenFiles } from '../../src/fetcher/max-open-files.ts';
import { resolveOptions } from '../../src/fetcher/options.ts';
import { version } from '../../src/version.ts';
import { respond, serve } from '../helpers/servers/serve.ts';

describe('resolveOptions()', () => {
  test('fills in the defaults', () => {
    expect(resolveOptions()).toMatchObject({
      concurrency: 50,
      rate: Infinity,
      perHost: { concurrency: 6, rate: Infinity },
      retry: { retries: 2 },
      timeoutMs: 30_000,
      connectTimeoutMs: 10_000,
      headersTimeoutMs: Infinity,
      idleTimeoutMs: Infinity,
      urlDeadlineMs: Infinity,
      maxBodyBytes: 50_000_000,
      maxRedirects: 10,
      headers: ['user-agent', `fetchmany/${version}`, 'accept', '*/*', 'accept-encoding', 'gzip, deflate, br, zstd'],
      responseBody: 'buffer',
      http2: false,
      readAhead: 20_000,
      transport: undefined,
    });
    expect([199, 200, 399, 400].map(resolveOptions().isExpected)).toEqual([false, true, true, false]);
  });

  test('treats undefined as absent, and accepts frozen objects and objects without a prototype', () => {
    expect(
      resolveOptions({ concurrency: undefined, perHost: undefined, headers: undefined } as unknown as FetcherOptions),
    ).toMatchObject({ concurrency: 50 });
    expect(resolveOptions(Object.freeze({ concurrency: 7, perHost: Object.freeze({ rate: 2 }) }))).toMatchObject({
      concurrency: 7,
      perHost: { concurrency: 6, rate: 2 },
    });
    expect(resolveOptions(Object.assign(Object.create(null) as object, { retry: { retries: 0 } }))).toMatchObject({
      retry: { retries: 0 },
    });
  });

  test('accepts Infinity as no limit', () => {
    const unlimited = { timeoutMs: Infinity, connectTimeoutMs: Infinity, urlDeadlineMs: Infinity, rate: Infinity };
    expect(resolveOptions(unlimited)).toMatchObject(unlimited);
  });

  test('adds headers to the built-in ones, or replaces them', () => {
    expect(resolveOptions({ headers: { Accept: 'x', 'X-Y': 'z' } }).headers).toEqual([
      'user-agent',
      `fetchmany/${version}`,
      'accept-encoding',
      'gzip, deflate, br, zstd',
      'Accept',
      'x',
      'X-Y',
      'z',
    ]);
  });

  test('learn up to `concurrency`, and that up to 1,000 or half of the open files', () => {
    const { concurrency, isElastic, perHost } = resolveOptions({
      concurrency: 'auto',
      perHost: { concurrency: 'auto' },
    });
    expect([isElastic, perHost.isElastic, perHost.concurrency]).toEqual([true, true, concurrency]);
    expect(concurrency).toBe(Math.min(1000, Math.floor(maxOpenFiles() / 2)));
    expect(resolveOptions({ concurrency: 20, perHost: { concurrency: { auto: 64 } } }).perHost.concurrency).toBe(20);
    expect(resolveOptions({ concurrency: { auto: 5000 } }).concurrency).toBe(5000);
    expect(resolveOptions()).toMatchObject({
      concurrency: 50,
      isElastic: false,
      perHost: { concurrency: 6, isElastic: false },
    });
  });

  const wrong: [option: string, options: Record<string, unknown>, error: typeof TypeError | typeof RangeError][] = [
    ...[0, -1, 1.5, Number.NaN, Infinity, 2 ** 60].map(
      (value): [string, Record<string, unknown>, typeof RangeError] => {
        return ['concurrency', { concurrency: value }, RangeError];
      },
    ),
    ...['5', '', null, true, 5n, {}].map((value): [string, Record<string, unknown>, typeof TypeError] => {
      return ['concurrency', { concurrency: value }, TypeError];
    }),
    ['concurrency', { concurrency: 'automatic' }, TypeError],
    ['concurrency.auto', { concurrency: { auto: 0 } }, RangeError],
    ['concurrency.auto', { concurrency: { auto: '200' } }, TypeError],
    ['concurrency.max', { concurrency: { auto: 200, max: 5 } }, TypeError],
    ['perHost.concurrency.auto', { perHost: { concurrency: { auto: 1.5 } } }, RangeError],
    ['perHost.concurrency', { perHost: { concurrency: 0 } }, RangeError],
    ['perHost.concurrency', { perHost: { concurrency: null } }, TypeError],
    ['perHost', { perHost: null }, TypeError],
    ['perHost', { perHost: 6 }, TypeError],
    ['perHost.rate', { perHost: { rate: 0 } }, RangeError],
    ['perHost.burst', { perHost: { burst: 1 } }, TypeError],
    ['rate', { rate: 0 }, RangeError],
    ['rate', { rate: -1 }, RangeError],
    ['rate', { rate: Number.NaN }, RangeError],
    ['rate', { rate: '5/s' }, TypeError],
    ['rate', { rate: null }, TypeError],
    ['retry', { retry: 2 }, TypeError],
    ['retry', { retry: null }, TypeError],
    ['retry.retries', { retry: { retries: -1 } }, RangeError],
    ['retry.retries', { retry: { retries: 1.5 } }, RangeError],
    ['retry.retries', { retry: { retries: null } }, TypeError],
    ['retry.methods', { retry: { methods: 'POST' } }, TypeError],
    ['retry.methods', { retry: { methods: ['A B'] } }, TypeError],
    ['retry.methods', { retry: { methods: ['CONNECT'] } }, TypeError],
    ['retry.methods', { retry: { methods: [1] } }, TypeError],
    ['retry.statuses', { retry: { statuses: '5xx' } }, TypeError],
    ['retry.statuses', { retry: { statuses: 500 } }, TypeError],
    ['retry.delayMs', { retry: { delayMs: -1 } }, RangeError],
    ['retry.delayMs', { retry: { delayMs: Infinity } }, RangeError],
    ['retry.delayMs', { retry: { delayMs: '1s' } }, TypeError],
    ['retry.maxDelayMs', { retry: { maxDelayMs: Infinity } }, RangeError],
    ['retry.maxDelayMs', { retry: { maxDelayMs: 2 ** 31 } }, RangeError],
    ['retry.budget', { retry: { budget: 1 } }, TypeError],
    ['retry.method', { retry: { method: 'POST' } }, TypeError],
    ['pace', { pace: 'no' }, TypeError],
    ['maxWaitMs', { maxWaitMs: -1 }, RangeError],
    ['hostPatienceMs', { hostPatienceMs: 'none' }, TypeError],
    ['timeoutMs', { timeoutMs: 0 }, RangeError],
    ['timeoutMs', { timeoutMs: 2 ** 31 }, RangeError],
    ['timeoutMs', { timeoutMs: '30s' }, TypeError],
    ['timeoutMs', { timeoutMs: null }, TypeError],
    ['connectTimeoutMs', { connectTimeoutMs: -1 }, RangeError],
    ['headersTimeoutMs', { headersTimeoutMs: Number.NaN }, RangeError],
    ['idleTimeoutMs', { idleTimeoutMs: '1' }, TypeError],
    ['urlDeadlineMs', { urlDeadlineMs: 1e12 }, RangeError],
    ['maxBodyBytes', { maxBodyBytes: -1 }, RangeError],
    ['maxBodyBytes', { maxBodyBytes: '50MB' }, TypeError],
    ['maxRedirects', { maxRedirects: -1 }, RangeError],
    ['expect', { expect: '200-' }, TypeError],
    ['expect', { expect: '' }, TypeError],
    ['expect', { expect: 200 }, TypeError],
    ['expect', { expect: null }, TypeError],
    ['headers', { headers: 5 }, TypeError],
    ['headers', { headers: null }, TypeError],
    ['X-Bad', { headers: { 'X-Bad': 'a\nb' } }, TypeError],
    ['Host', { headers: { Host: 'evil\\' } }, TypeError],
    [
      'Host',
      {
        headers: [
          ['Host', 'a'],
          ['host', 'b'],
        ],
      },
      TypeError,
    ],
    ['responseBody', { responseBody: 'stream' }, TypeError],
    ['responseBody', { responseBody: null }, TypeError],
    ['http2', { http2: 'yes' }, TypeError],
    ['http2', { http2: null }, TypeError],
    ['readAhead', { readAhead: -1 }, RangeError],
    ['tls', { tls: true }, TypeError],
    ['tls.rejectUnauthorized', { tls: { rejectUnauthorized: 0 } }, TypeError],
    ['tls.cert', { tls: { cert: 'x' } }, TypeError],
    ['tls.insecure', { tls: { insecure: true } }, TypeError],
    ['tls.ca', { tls: { ca: 5 } }, TypeError],
    ['tls.ca', { tls: { ca: [null] } }, TypeError],
    ['tls.cert', { tls: { cert: 5, key: 'x' } }, TypeError],
    ['tls.key', { tls: { cert: 'x', key: {} } }, TypeError],
    ['tls.ca', { tls: { ca: '' } }, TypeError],
    ['tls.ca', { tls: { ca: [] } }, TypeError],
    ['tls.ca', { tls: { ca: 'no certificate' } }, TypeError],
    ['tls.ca', { tls: { ca: Buffer.from([0, 255]) } }, TypeError],
    ['tls.ca', { tls: { ca: '-----BEGIN CERTIFICATE-----\nbm8=\n-----END CERTIFICATE-----' } }, TypeError],
    ['tls.key', { tls: { cert: 'x', key: 'y' } }, TypeError],
    ['tls.cert', { tls: { cert: '', key: '' } }, TypeError],
    ['transport', { transport: {} }, TypeError],
    ['transport', { transport: null }, TypeError],
    ['transport', { transport: () => undefined }, TypeError],
    ['concurency', { concurency: 5 }, TypeError],
  ];
  test.each(wrong)('names %s in the error for %o', (name, options, error) => {
    expect(() => createFetcher(options as FetcherOptions)).toThrow(error);
    expect(() => createFetcher(options as FetcherOptions)).toThrow(name);
  });

  const longest = 2 ** 31 - 1;
  test.each<[name: string, options: FetcherOptions]>([
    ['much at once', { concurrency: 1e9, perHost: { concurrency: 1e9 } }],
    ['slow rates', { rate: 1 / 3600, perHost: { rate: 0.001 } }],
    ['fast rates', { rate: 1e9, perHost: { rate: Infinity } }],
    ['many retries', { retry: { retries: 1e6 }, maxRedirects: 1e6 }],
    ['the longest times', { timeoutMs: longest, connectTimeoutMs: longest, urlDeadlineMs: longest }],
    ['the same within an attempt', { headersTimeoutMs: longest, idleTimeoutMs: longest }],
    ['no limits', { timeoutMs: Infinity, connectTimeoutMs: Infinity, headersTimeoutMs: Infinity }],
    ['nothing read ahead', { readAhead: 0, maxBodyBytes: Number.MAX_SAFE_INTEGER }],
  ])('%s is taken, and works', async (_, options) => {
    await using server = await serve(respond(200, {}, 'ok'));
    await using fetcher = createFetcher(options);
    expect(await fetcher.fetch(server.url)).toMatchObject({ ok: true, length: 2, attempts: 1 });
  });

  test.each([[null], [5], ['x'], [true]])('throws for %o as options', (options) => {
    expect(() => createFetcher(options as unknown as FetcherOptions)).toThrow(TypeError);
  });

  test('passes on the error of a getter', () => {
    const options = Object.defineProperty({}, 'concurrency', {
      enumerable: true,
      get: () => {
        throw new Error('mine');
      },
    });
    expect(() => createFetcher(options as FetcherOptions)).toThrow('mine');
  });
});

test('a request is not sent if its signal has aborted or the fetcher is closed', async () => {
  await using server = await serve(respond(200));
  const fetcher = createFetcher();
  expect(await fetcher.fetch(server.url, { signal: AbortSignal.abort() })).toMatchObject({
    kind: 'cancelled',
    attempts: 0,
  });
  await expect(fetcher.gather([server.url], { signal: AbortSignal.abort() })).rejects.toMatchObject({
    name: 'AbortError',
  });
  await fetcher.close();
  await expect(fetcher.fetch(server.url)).rejects.toThrow('the fetcher is closed');
  expect(server.requests).toEqual([]);
});

test('changing the options afterwards has no effect', async () => {
  const perHost = { concurrency: 1 };
  const options = { perHost, transport: mockTransport(() => ({})), headers: { 'x-a': '1' } };
  await using fetcher = createFetcher(options);
  perHost.concurrency = 0;
  options.headers['x-a'] = 'a\nb';
  expect((await fetcher.fetch('http://a.test/')).ok).toBe(true);
});
