import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { expect, test } from 'vitest';
import {
  createFetcher,
  FetchError,
  mockTransport,
  type RequestAttempt,
  type RequestEnd,
  type RequestRetry,
  type RequestStart,
  type TracedRequest,
} from '../../src/index.ts';
import { captureContext } from '../../src/call/telemetry.ts';
import { moduleCommand, runShell } from '../helpers/process/module.ts';
import { after, respond, serve } from '../helpers/servers/serve.ts';

type Message = RequestStart & RequestAttempt & RequestRetry & RequestEnd;
type Five = [Message, Message, Message, Message, Message];
const names = ['start', 'attempt', 'retry', 'end'] as const;

interface Listener extends Disposable {
  /** Every message with its name, in order. */
  readonly seen: readonly (readonly [name: (typeof names)[number], message: Message])[];
}

function listen(onStart: (request: TracedRequest) => void = () => undefined): Listener {
  const seen: [name: (typeof names)[number], message: Message][] = [];
  const stops = names.map((name) => {
    const listener = (message: unknown): void => {
      seen.push([name, message as Message]);
      if (name === 'start') onStart((message as Message).request);
    };
    subscribe(`fetchmany:request:${name}`, listener);
    return () => unsubscribe(`fetchmany:request:${name}`, listener);
  });
  return { seen, [Symbol.dispose]: () => stops.forEach((stop) => void stop()) };
}

test('a request that is sent twice publishes start, attempt, retry, attempt and end, about one object', async () => {
  let sent = 0;
  const transport = mockTransport(() => ((sent += 1) === 1 ? { status: 503 } : { status: 200 }));
  await using fetcher = createFetcher({ transport });
  using listener = listen();
  const result = await fetcher.fetch({ url: 'http://user:secret@a.example/', id: 'x' });
  expect(listener.seen.map(([name]) => name)).toEqual(['start', 'attempt', 'retry', 'attempt', 'end']);
  const [start, first, retry, second, end] = listener.seen.map(([, message]) => message) as Five;
  expect(start.request).toEqual({ index: 0, url: 'http://user:***@a.example/', method: 'GET', id: 'x' });
  expect(start.queuedMs).toBeGreaterThanOrEqual(0);
  expect([first.attempt, second.attempt]).toEqual([1, 2]);
  expect(retry).toMatchObject({ attempt: 1, status: 503, error: undefined });
  expect(retry.waitMs).toBeGreaterThanOrEqual(0);
  expect(end.result).toBe(result);
  expect(new Set(listener.seen.map(([, { request }]) => request)).size).toBe(1);
});

test('a retry after an error has the error', async () => {
  const error = new FetchError('CONN_RESET', 'cut');
  let sent = 0;
  const transport = mockTransport(() => ((sent += 1) === 1 ? error : { status: 200 }));
  await using fetcher = createFetcher({ transport });
  using listener = listen();
  await fetcher.fetch('http://a.example/');
  const retry = listener.seen.find(([name]) => name === 'retry')?.[1];
  expect(retry).toMatchObject({ status: undefined, error: { code: 'CONN_RESET' } });
});

test('every request that starts ends once; those that never start publish nothing', async () => {
  const transport = mockTransport(({ url }) =>
    url.endsWith('/2') ? new FetchError('TLS_HOST', 'x') : { status: 200 },
  );
  await using fetcher = createFetcher({ transport });
  using listener = listen();
  await fetcher.gather(['http://a/1', 'http://a/2', 'not a URL', 'http://a/4'], { returnExceptions: true });
  const indices = (wanted: string): number[] =>
    listener.seen.filter(([name]) => name === wanted).map(([, { request }]) => request.index);
  expect(new Set(indices('start'))).toEqual(new Set([0, 1, 3]));
  expect(new Set(indices('end'))).toEqual(new Set([0, 1, 3]));
  expect([indices('start').length, indices('end').length]).toEqual([3, 3]);
});

test('what listens to undici runs in the context of the caller, whoever freed the slot, and within what a listener set', async () => {
  await using server = await serve(after(2, respond(200)));
  const storage = new AsyncLocalStorage<string>();
  const inner = new AsyncLocalStorage<string>();
  const contexts: string[] = [];
  const onCreate = (message: unknown): void => {
    const { request } = message as { request: { path: string } };
    contexts.push(`${request.path} in ${storage.getStore()} within ${inner.getStore()}`);
  };
  using listener = listen((request) => {
    const { pathname } = new URL(request.url);
    request.within = (create) => inner.run(`span of ${pathname}`, create);
  });
  subscribe('undici:request:create', onCreate);
  try {
    await using fetcher = createFetcher({ perHost: { concurrency: 1 } });
    const urls = (name: string): string[] => [1, 2].map((at) => `${server.url}/${name}${at}`);
    await Promise.all([
      ...urls('a').map((url) => storage.run('A', () => fetcher.fetch(url))),
      storage.run('B', () => fetcher.gather(urls('b'))),
    ]);
  } finally {
    unsubscribe('undici:request:create', onCreate);
  }
  expect(listener.seen.filter(([name]) => name === 'end')).toHaveLength(4);
  expect(contexts.toSorted()).toEqual(
    ['a1', 'a2', 'b1', 'b2'].map((name) => `/${name} in ${name[0]!.toUpperCase()} within span of /${name}`),
  );
});

test('without a listener no context is captured', () => {
  expect(captureContext()).toBeUndefined();
  using listener = listen();
  expect(captureContext()).toBeDefined();
  expect(listener.seen).toEqual([]);
});

test('an exception of within() is reported as that of a listener, and does no harm to the request', async () => {
  const program = moduleCommand(`
    const { subscribe } = await import('node:diagnostics_channel');
    const { createFetcher } = await import('${new URL('../../src/index.ts', import.meta.url).href}');
    process.on('uncaughtException', ({ message }) => console.log('uncaught:', message));
    subscribe('fetchmany:request:start', ({ request }) => (request.within = () => { throw new Error('mine'); }));
    subscribe('undici:request:create', () => console.log('never'));
    const fetcher = createFetcher();
    const { status } = await fetcher.fetch(process.env.URL_TO_FETCH);
    await fetcher.close();
    console.log(status);
  `);
  await using server = await serve(respond(200));
  const { stdout } = await runShell(`URL_TO_FETCH=${server.url} ${program} 2>&1`);
  expect(stdout).toBe('uncaught: mine\n200\n');
});
