import { describe, expect, test, vi } from 'vitest';
import { saveTo } from '../../src/bodies.ts';
import {
  createFetcher,
  mockTransport,
  type Around,
  type BodyWriter,
  type FetcherOptions,
  type FetchResult,
} from '../../src/index.ts';
import { collect } from '../helpers/collect.ts';
import { watchProcess } from '../helpers/incidents.ts';
import { failureOf } from '../helpers/kinds.ts';
import { respond, serve } from '../helpers/servers/serve.ts';
import { temporary } from '../helpers/temporary.ts';

const files = temporary('own-functions');
const fault = new Error('my own bug');
const broken = (): never => {
  throw fault;
};
const brokenLater = (): Promise<never> => Promise.reject(fault);

const answering = (status: number) => mockTransport(() => ({ status, body: 'text' }));

/** Options with a broken function, by its name in messages. */
const withBroken = (own: () => never): readonly (readonly [name: string, options: FetcherOptions])[] => [
  ['expect', { transport: answering(200), expect: own }],
  ['expect.statuses', { transport: answering(200), expect: { statuses: own, body: /text/ } }],
  ['retry.statuses', { transport: answering(500), retry: { statuses: own } }],
  ['proxy', { proxy: own }],
  ['proxy', { proxy: { url: own }, http2: true }],
  ['keeps', { transport: answering(200), responseBody: saveTo(files.path(), { keeps: own }) }],
  ['auth.origins', { transport: answering(200), auth: { bearer: 'x', origins: own } }],
];

describe('a function of the caller’s that throws fails its request with HOOK_FAILED and its name:', () => {
  test.each([
    ...withBroken(broken),
    ['responseBody', { transport: answering(200), responseBody: broken }],
    ['auth.onOtherOrigin', { transport: answering(200), auth: { bearer: 'x', origins: [], onOtherOrigin: broken } }],
  ] as const)('%s', async (name, options) => {
    using incidents = watchProcess();
    await using fetcher = createFetcher(options);
    const { error, attempts } = failureOf(await fetcher.fetch('http://a.localhost:1/'));
    expect(error).toMatchObject({ code: 'HOOK_FAILED', retryable: false, cause: fault });
    expect(error.message).toBe(`The function '${name}' failed: my own bug`);
    expect(attempts).toBe(1);
    expect(incidents.seen).toEqual([]);
  });

  test.each(withBroken(brokenLater as unknown as () => never))(
    '%s, when it returns a promise',
    async (name, options) => {
      using incidents = watchProcess();
      await using fetcher = createFetcher(options);
      const { error } = failureOf(await fetcher.fetch('http://a.localhost:1/'));
      expect(error).toMatchObject({
        code: 'HOOK_FAILED',
        message: `The function '${name}' failed: it returned a promise`,
      });
      expect(incidents.seen).toEqual([]);
    },
  );
});

test.each([
  [() => 'ftp://u:hunter2@p', /^The function 'proxy' failed: the proxy that it returned must begin with http:/],
  [() => ({ url: 'hunter2' }), /^The function 'proxy' failed: it must return a text or undefined$/],
])('an answer of proxy() that is no proxy is HOOK_FAILED too, and not shown', async (proxy, message) => {
  await using fetcher = createFetcher({ proxy: proxy as () => string });
  const { error } = failureOf(await fetcher.fetch('http://a.localhost:1/'));
  expect(error.code).toBe('HOOK_FAILED');
  expect(error.message).toMatch(message);
  expect(error.message).not.toContain('hunter2');
});

test.each([[undefined], ['keep'], [{}], [Promise.resolve('buffer')]])(
  'an answer %j of responseBody() that is no place for a body is HOOK_FAILED',
  async (answer) => {
    await using fetcher = createFetcher({ transport: answering(200), responseBody: (() => answer) as never });
    const { error } = failureOf(await fetcher.fetch('http://a.test/'));
    expect(error.code).toBe('HOOK_FAILED');
    expect(error.message).toMatch(/^The function 'responseBody' failed: it returned /);
  },
);

const good: BodyWriter = {
  write: () => true,
  see: () => undefined,
  end: async () => undefined,
  commit: () => ({}),
  abort: () => undefined,
};

test.each<[string, Partial<BodyWriter>]>([
  ['write()', { write: broken }],
  ['see()', { see: broken }],
  ['end()', { end: broken }],
  ['end() later', { end: brokenLater }],
  ['commit()', { commit: broken }],
  ['write() and abort()', { write: broken, abort: broken }],
])('a writer whose %s throws fails its own request, and no other', async (_what, own) => {
  using incidents = watchProcess();
  await using server = await serve({ '*': respond(200, {}, 'text') });
  await using fetcher = createFetcher({
    responseBody: ({ url }) => (url.endsWith('/bad') ? { ...good, ...own } : good),
  });
  const [bad, fine] = await fetcher.gather([`${server.url}/bad`, `${server.url}/good`], { returnExceptions: true });
  const { error } = failureOf(bad!);
  expect(error).toMatchObject({ code: 'HOOK_FAILED', cause: fault });
  expect(error.message).toBe(`The writer of 'responseBody' failed: my own bug`);
  expect(fine?.kind).toBe('response');
  expect(incidents.seen).toEqual([]);
});

test('one request fails by its function, and the others of the run have their results', async () => {
  await using server = await serve({ '*': respond(200) });
  const proxy = ({ url }: { readonly url: string }): undefined => {
    if (url.endsWith('/3')) throw fault;
  };
  await using fetcher = createFetcher({ proxy });
  const results = await collect(fetcher.asCompleted(Array.from({ length: 20 }, (_, n) => `${server.url}/${n}`)));
  const codes = results.map((result) => (result.kind === 'response' ? result.status : result.error?.code));
  expect(codes.filter((code) => code === 200)).toHaveLength(19);
  expect(codes.filter((code) => code === 'HOOK_FAILED')).toHaveLength(1);
});

test('a hook gets the failure of another function, under the name of that, and no timer is left', async () => {
  vi.useFakeTimers();
  try {
    const seen: FetchResult[] = [];
    const watch: Around = async (request, next) => {
      const result = await next(request);
      seen.push(result);
      return result;
    };
    const options = { transport: answering(500), around: [watch], urlDeadlineMs: 2000 };
    await using retrying = createFetcher({ ...options, retry: { statuses: broken } });
    const { error } = failureOf(await retrying.fetch('http://a.test/'));
    expect(error.message).toBe(`The function 'retry.statuses' failed: my own bug`);
    expect(seen).toMatchObject([{ kind: 'failure', error: { code: 'HOOK_FAILED' } }]);
    await using judging = createFetcher({ ...options, retry: { retries: 0 }, expect: broken });
    const judged = failureOf(await judging.fetch('http://a.test/'));
    expect(judged.error.message).toBe(`The function 'expect' failed: my own bug`);
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

test('a robots.txt that a function keeps from being asked for fails no host: its URLs tell the reason', async () => {
  await using fetcher = createFetcher({ robots: true, proxy: broken });
  const { error } = failureOf(await fetcher.fetch('http://a.localhost:1/'));
  expect(error.message).toBe(`The function 'proxy' failed: my own bug`);
});
