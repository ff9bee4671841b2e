import { CookieJar as ToughJar } from 'tough-cookie';
import { describe, expect, test } from 'vitest';
import { openCookieJar } from '../../src/cookies.ts';
import { createFetcher, mockTransport, type AuthOptions, type FetcherOptions } from '../../src/index.ts';
import { collect } from '../helpers/collect.ts';
import { respond, serve, silence, type ScriptedServer } from '../helpers/servers/serve.ts';

const basic = (pair: string): string => `Basic ${Buffer.from(pair).toString('base64')}`;
const authorizations = (server: ScriptedServer): unknown[] =>
  server.requests.map(({ headers }) => headers.authorization);
const cookiesOf = (server: ScriptedServer): unknown[] => server.requests.map(({ headers }) => headers.cookie);

describe('auth', () => {
  test.each<[AuthOptions, Record<string, string>]>([
    [{ user: 'me', password: 'ü:x' }, { authorization: basic('me:ü:x') }],
    [{ bearer: 'abc' }, { authorization: 'Bearer abc' }],
    [{ bearer: async () => 'later' }, { authorization: 'Bearer later' }],
    [{ cookie: 'a=1; b=2' }, { cookie: 'a=1; b=2' }],
  ])('%j is sent to the origin of the first request, and to no other', async (auth, sent) => {
    await using server = await serve({
      '/away': (response, seen) => respond(302, { location: `${server.at('c')}/ok` })(response, seen),
      '*': respond(200),
    });
    const told: string[] = [];
    await using fetcher = createFetcher({ auth: { ...auth, onOtherOrigin: (origin) => told.push(origin) } });
    const urls = ['/1', '/away', '/2'].map((path) => server.at('a') + path);
    for await (const result of fetcher.sequential([...urls, `${server.at('b')}/3`, `${server.at('b')}/4`])) {
      expect(result).toMatchObject({ status: 200, attempts: 1 });
    }
    const seen = server.requests.map(({ path, headers: { authorization, cookie } }) => ({
      path,
      authorization,
      cookie,
    }));
    const [name] = Object.keys(sent) as ['authorization' | 'cookie'];
    expect(seen.filter((request) => request[name] !== undefined)).toEqual(
      ['/1', '/away', '/2'].map((path) => ({ path, authorization: undefined, cookie: undefined, ...sent })),
    );
    expect(told).toEqual([server.at('b')]);
  });

  test('goes to each origin that is named, and a redirect elsewhere and back leaves it with them', async () => {
    await using server = await serve({
      '/away': (response, seen) => respond(302, { location: `${server.at('other')}/back` })(response, seen),
      '/back': (response, seen) => respond(302, { location: `${server.at('a')}/end` })(response, seen),
      '*': respond(200),
    });
    await using fetcher = createFetcher({ auth: { bearer: 'x', origins: [server.at('a'), server.at('b')] } });
    await collect(fetcher.sequential([`${server.at('b')}/1`, `${server.at('a')}/away`]));
    expect(server.requests.map(({ path, headers }) => `${path} ${headers.authorization ?? '-'}`)).toEqual([
      '/1 Bearer x',
      '/away Bearer x',
      '/back -',
      '/end Bearer x',
    ]);
  });

  test('leaves an Authorization of the request, and the user of its URL, as they are', async () => {
    await using server = await serve(respond(200));
    await using fetcher = createFetcher({ auth: { bearer: 'x' } });
    const withUser = server.url.replace('//', '//me:pw@');
    await collect(fetcher.sequential([{ url: server.url, headers: { AUTHORIZATION: 'Own y' } }, withUser, server.url]));
    expect(authorizations(server)).toEqual(['Own y', basic('me:pw'), 'Bearer x']);
  });

  test('a token is asked for when a request is sent, for each attempt, not when it is read', async () => {
    await using server = await serve([respond(503), respond(200)]);
    let asked = 0;
    const auth = { bearer: () => `t${(asked += 1)}` };
    await using fetcher = createFetcher({ auth, concurrency: 1, readAhead: 100 });
    await collect(fetcher.asCompleted(Array.from({ length: 4 }, () => server.url)));
    expect(authorizations(server)).toEqual(['t1', 't2', 't3', 't4', 't5'].map((token) => `Bearer ${token}`));
  });

  test.each([
    ['throws', () => Promise.reject(new Error('no token')), 'HOOK_FAILED', /'auth.bearer' failed: no token/],
    ['gives no header value', () => 'a\nb', 'HOOK_FAILED', /printable/],
    ['never answers', () => new Promise<string>(() => {}), 'TIMEOUT', /./],
  ])('a token function that %s fails its request', async (_, bearer, code, message) => {
    await using server = await serve(respond(200));
    await using fetcher = createFetcher({ auth: { bearer }, timeoutMs: 50, retry: { retries: 0 } });
    const result = await fetcher.fetch(server.url);
    expect(result).toMatchObject({ kind: 'failure', attempts: 1, error: { code } });
    expect(result.kind === 'failure' && result.error.message).toMatch(message);
    expect(server.requests).toHaveLength(0);
  });

  test('a netrc has credentials for each host, and its default is for no stranger', async () => {
    await using server = await serve({
      '/stranger': (response, seen) => respond(302, { location: `${server.at('stranger')}/` })(response, seen),
      '/friend': (response, seen) => respond(302, { location: `${server.at('friend')}/` })(response, seen),
      '/here': respond(302, { location: '/' }),
      '*': respond(200),
    });
    const netrc = 'machine friend.localhost login f password g default login d password e';
    await using fetcher = createFetcher({ auth: { netrc } });
    await collect(fetcher.sequential(['/stranger', '/friend', '/here'].map((path) => server.at('a') + path)));
    const [byDefault, friend] = [basic('d:e'), basic('f:g')];
    expect(authorizations(server)).toEqual([byDefault, undefined, byDefault, friend, byDefault, byDefault]);
  });

  test('a netrc has the password of a user that the URL names without one', async () => {
    await using server = await serve({
      '/user': (response, seen) => respond(302, { location: server.at('f').replace('//', '//me@') })(response, seen),
      '/here': respond(302, { location: '/there' }),
      '*': respond(200),
    });
    const entries = [
      'a.localhost login other password x',
      'a.localhost login me password y',
      'f.localhost login me password z',
    ];
    await using fetcher = createFetcher({ auth: { netrc: entries.map((entry) => `machine ${entry}`).join('\n') } });
    const at = (user: string, path = '/'): string => server.at('a').replace('//', `//${user}@`) + path;
    const own = { url: at('me'), headers: { authorization: 'Own' } };
    await collect(fetcher.sequential([at('me'), at('me:own'), at('you'), own, at('me', '/here'), at('me', '/user')]));
    const [me, friend] = [basic('me:y'), basic('me:z')];
    expect(authorizations(server)).toEqual([me, basic('me:own'), basic('you:'), 'Own', me, me, me, friend]);
  });

  test('a netrc of https is not used after a redirect to http', async () => {
    const seen: string[] = [];
    const transport = mockTransport(({ url, headers }) => {
      seen.push(`${url} ${headers['authorization'] ?? '-'}`);
      return url.startsWith('https') ? { status: 302, headers: { location: 'http://a.test/' } } : {};
    });
    await using fetcher = createFetcher({ transport, auth: { netrc: 'machine a.test login b password c' } });
    await fetcher.fetch('https://a.test/');
    expect(seen).toEqual([`https://a.test/ ${basic('b:c')}`, 'http://a.test/ -']);
  });

  test.each([
    { user: 'canary' },
    { password: 'canary' },
    { user: 'a:canary', password: 'x' },
    { user: 'a', password: 5 },
    { user: 'a', password: 'canary', bearer: 'canary' },
    { bearer: 'canary\n' },
    { cookie: 'canary\u0100' },
    { netrc: 'canary' },
    { netrc: 5 },
    { origins: 'ftp://x' },
    { onOtherOrigin: 5 },
    { token: 'canary' },
    { bearer: 'Bearer canary' },
  ])('%j is refused at once, without showing a value', (auth) => {
    expect(() => createFetcher({ auth } as unknown as FetcherOptions)).toThrow(
      /^Cannot create fetcher as (?!.*canary)/,
    );
  });
});

describe('headers as a function', () => {
  test('are asked for each attempt; those of the request win, ours come last, another origin gets none', async () => {
    await using server = await serve({
      '/away': (response, seen) => respond(302, { location: `${server.at('b')}/there` })(response, seen),
      '*': respond(200),
    });
    let asked = 0;
    const headers = async (): Promise<Record<string, string>> => ({
      'X-N': `${(asked += 1)}`,
      Accept: 'a/b',
      'X-O': 'f',
    });
    await using fetcher = createFetcher({ headers });
    await fetcher.fetch({ url: `${server.at('a')}/1`, headers: { 'x-o': 'own' } });
    await fetcher.fetch(`${server.at('a')}/away`);
    expect(
      server.requests.map(({ path, headers: { accept, 'x-n': n, 'x-o': o, 'user-agent': agent } }) =>
        [path, n, o, accept, agent?.split('/')[0]].join(' '),
      ),
    ).toEqual(['/1 1 own a/b fetchmany', '/away 2 f a/b fetchmany', '/there   a/b fetchmany']);
  });

  test('fail their request if they cannot be sent, and show no value', async () => {
    await using server = await serve(respond(200));
    await using fetcher = createFetcher({ headers: () => ({ 'x-a': 'canary\n' }) });
    const result = await fetcher.fetch(server.url);
    expect(result).toMatchObject({ kind: 'failure', error: { code: 'HOOK_FAILED' } });
    expect(JSON.stringify(result)).not.toContain('canary');
  });
});

describe('cookies', () => {
  test('of a response are sent from the next hop on, to the hosts that they are for', async () => {
    await using server = await serve({
      '/login': respond(302, { location: '/home', 'set-cookie': ['session=s; Path=/; HttpOnly', 'x=1; Domain=com'] }),
      '/away': (response, seen) => respond(302, { location: `${server.at('b')}/there` })(response, seen),
      '*': respond(200),
    });
    await using cookies = await openCookieJar();
    await using fetcher = createFetcher({ cookies, auth: { cookie: 'extra=1' } });
    const urls = [`${server.at('a')}/login`, { url: `${server.at('a')}/own`, headers: { cookie: 'own=1' } }];
    await collect(fetcher.sequential([...urls, `${server.at('a')}/away`]));
    expect(cookiesOf(server)).toEqual([
      'extra=1',
      'session=s; extra=1',
      'own=1; session=s; extra=1',
      'session=s; extra=1',
      undefined,
    ]);
  });

  test('marked Secure are neither taken nor sent over http', async () => {
    await using server = await serve(respond(200, { 'set-cookie': 'a=1; Secure' }));
    await using cookies = await openCookieJar();
    await cookies.setCookie('b=2; Secure', server.url.replace('http', 'https'));
    await using fetcher = createFetcher({ cookies });
    await collect(fetcher.sequential([server.url, server.url]));
    expect(cookiesOf(server)).toEqual([undefined, undefined]);
  });

  test('of many responses at once are all kept, also in a jar of tough-cookie', async () => {
    await using server = await serve((response, { path }) => {
      respond(200, { 'set-cookie': `c${path.slice(1)}=1; Path=/` })(response, { path } as never);
    });
    const cookies = new ToughJar();
    await using fetcher = createFetcher({ cookies, concurrency: 20, perHost: { concurrency: 20 } });
    await fetcher.gather(Array.from({ length: 40 }, (_, at) => `${server.url}/${at}`));
    expect((await cookies.getCookieString(server.url)).split('; ')).toHaveLength(40);
  });

  test('a jar that throws fails its request, and one that hangs is ended by the time limit', async () => {
    await using server = await serve(respond(200));
    const throwing = { getCookieString: () => Promise.reject(new Error('locked')), setCookie: () => undefined };
    await using first = createFetcher({ cookies: throwing });
    expect(await first.fetch(server.url)).toMatchObject({ kind: 'failure', error: { code: 'HOOK_FAILED' } });
    const hanging = { ...throwing, getCookieString: () => new Promise<string>(() => {}) };
    await using second = createFetcher({ cookies: hanging, timeoutMs: 30, retry: { retries: 0 } });
    expect(await second.fetch(server.url)).toMatchObject({ kind: 'failure', error: { code: 'TIMEOUT' } });
    const cancelled = second.fetch(server.url, { signal: AbortSignal.timeout(5) });
    expect(await cancelled).toMatchObject({ kind: 'cancelled' });
    expect(() => createFetcher({ cookies: {} } as unknown as FetcherOptions)).toThrow(/'cookies'/);
  });

  test('close() does not wait for a function that never answers', async () => {
    await using server = await serve(silence);
    const fetcher = createFetcher({ headers: () => new Promise(() => {}), timeoutMs: Infinity });
    const result = fetcher.fetch(server.url);
    await fetcher.close();
    expect(await result).toMatchObject({ kind: 'cancelled' });
  });
});
