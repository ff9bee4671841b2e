import { describe, expect, test } from 'vitest';
import { createFetcher } from '../../src/index.ts';
import { respond, serve, silence } from '../helpers/servers/serve.ts';

describe('retries of a request', () => {
  test('replaces the number of the fetcher, upwards and downwards', async () => {
    await using server = await serve(respond(500));
    await using fetcher = createFetcher({ retry: { retries: 1 } });
    expect(await fetcher.fetch({ url: server.url, retries: 0 })).toMatchObject({ status: 500, attempts: 1 });
    expect(await fetcher.fetch({ url: server.url, retries: 2 })).toMatchObject({ status: 500, attempts: 3 });
    expect(await fetcher.fetch(server.url)).toMatchObject({ status: 500, attempts: 2 });
  });

  test('counts where the fetcher retries nothing', async () => {
    await using server = await serve([respond(503), respond(200)]);
    await using fetcher = createFetcher({ retry: { retries: 0 } });
    expect(await fetcher.fetch({ url: server.url, retries: 1 })).toMatchObject({ status: 200, attempts: 2 });
  });

  test('0 does not send again after Retry-After either', async () => {
    await using server = await serve([respond(503, { 'retry-after': '1' }), respond(200)]);
    await using fetcher = createFetcher();
    expect(await fetcher.fetch({ url: server.url, retries: 0 })).toMatchObject({ status: 503, attempts: 1 });
  });
});

describe('timeoutMs of a request', () => {
  test('is shorter than that of the fetcher', async () => {
    await using server = await serve(silence);
    await using fetcher = createFetcher({ retry: { retries: 0 } });
    const result = await fetcher.fetch({ url: server.url, timeoutMs: 60 });
    expect(result).toMatchObject({ error: { code: 'TIMEOUT', message: 'No complete response within 60 ms' } });
    await server.deserted();
  });

  test('is longer than that of the fetcher, which the other requests keep', async () => {
    await using server = await serve((response) => void setTimeout(() => response.end('late'), 300));
    await using fetcher = createFetcher({ timeoutMs: 80, retry: { retries: 0 } });
    const [patient, other] = await fetcher.gather([{ url: server.url, timeoutMs: 20_000 }, server.url], {
      returnExceptions: true,
    });
    expect(patient).toMatchObject({ status: 200, length: 4 });
    expect(other).toMatchObject({ error: { code: 'TIMEOUT' } });
  });

  test('counts where the fetcher has none', async () => {
    await using server = await serve(silence);
    await using fetcher = createFetcher({ timeoutMs: Infinity, retry: { retries: 0 } });
    expect(await fetcher.fetch({ url: server.url, timeoutMs: 60 })).toMatchObject({ error: { code: 'TIMEOUT' } });
  });

  test('limits one attempt: the next one has the full time', async () => {
    await using server = await serve([silence, respond(200)]);
    await using fetcher = createFetcher({ retry: { retries: 1 } });
    const result = await fetcher.fetch({ url: server.url, timeoutMs: 300 });
    expect(result).toMatchObject({ status: 200, attempts: 2 });
  });
});

test('expect of a request decides what is ok', async () => {
  await using server = await serve({ '/404': respond(404), '/200': respond(200) });
  await using fetcher = createFetcher();
  expect(await fetcher.fetch({ url: `${server.url}/404`, expect: '404' })).toMatchObject({ status: 404, ok: true });
  expect(await fetcher.fetch({ url: `${server.url}/200`, expect: '404' })).toMatchObject({ status: 200, ok: false });
  expect(await fetcher.fetch(`${server.url}/404`)).toMatchObject({ status: 404, ok: false });
});

describe('maxBodyBytes of a request', () => {
  const page = respond(200, {}, 'x'.repeat(1000));

  test('replaces the limit of the fetcher, upwards and downwards', async () => {
    await using server = await serve(page);
    await using fetcher = createFetcher({ maxBodyBytes: 500 });
    expect(await fetcher.fetch({ url: server.url, maxBodyBytes: 1000 })).toMatchObject({ status: 200, length: 1000 });
    const tooLarge = await fetcher.fetch({ url: server.url, maxBodyBytes: 100 });
    expect(tooLarge).toMatchObject({
      error: { code: 'BODY_TOO_LARGE', message: 'The body is larger than 100 bytes' },
    });
    expect(await fetcher.fetch(server.url)).toMatchObject({ error: { code: 'BODY_TOO_LARGE' } });
  });

  test('holds after a redirect', async () => {
    await using server = await serve({ '/a': respond(302, { location: '/b' }), '/b': page });
    await using fetcher = createFetcher();
    const result = await fetcher.fetch({ url: `${server.url}/a`, maxBodyBytes: 100 });
    expect(result).toMatchObject({ error: { code: 'BODY_TOO_LARGE' }, redirects: 1 });
  });
});

test('a proxy of a request that cannot be used is refused, not ignored', async () => {
  await using server = await serve(respond(200));
  await using fetcher = createFetcher();
  expect(await fetcher.fetch({ url: server.url, proxy: 'gopher://proxy.test:3128' })).toMatchObject({
    error: { code: 'REQUEST_INVALID', message: expect.stringContaining(`'proxy' must begin with http://`) as string },
  });
  expect(server.requests).toHaveLength(0);
  expect(await fetcher.fetch({ url: server.url, proxy: 'none' })).toMatchObject({ status: 200 });
});
