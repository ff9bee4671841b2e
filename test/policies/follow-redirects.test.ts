import { describe, expect, test } from 'vitest';
import { createFetcher } from '../../src/index.ts';
import { heldTransport } from '../helpers/held-transport.ts';
import { quiet } from '../helpers/process/quiet.ts';
import { rawServer } from '../helpers/servers/raw-server.ts';
import { respond, serve, type ScriptedServer } from '../helpers/servers/serve.ts';

const to = (location: string, status = 302): ReturnType<typeof respond> => respond(status, { location });

describe('a redirect', () => {
  test.each([301, 302, 303, 307, 308])('%i is followed, and the result says how', async (status) => {
    await using server = await serve({
      '/a': to('/b?x=1', status),
      '/b?x=1': to('c', 302),
      '/c': respond(200, {}, 'here'),
    });
    await using fetcher = createFetcher();
    expect(await fetcher.fetch(`${server.url}/a#part`)).toMatchObject({
      kind: 'response',
      status: 200,
      url: `${server.url}/a#part`,
      finalUrl: `${server.url}/c`,
      redirects: 2,
      attempts: 1,
      length: 4,
    });
    expect(server.paths).toEqual(['/a', '/b?x=1', '/c']);
  });

  test.each([300, 304, 305, 306])('%i is not followed', async (status) => {
    await using server = await serve({ '/a': to('/b', status) });
    await using fetcher = createFetcher();
    expect(await fetcher.fetch(`${server.url}/a`)).toMatchObject({ kind: 'response', status, ok: true, redirects: 0 });
  });

  test.each([
    ['missing', {}],
    ['empty', { location: '' }],
    ['blank', { location: '  ' }],
  ])('with a Location that is %s is the response itself', async (_, headers) => {
    await using server = await serve(respond(302, headers, 'as it is'));
    await using fetcher = createFetcher();
    const result = await fetcher.fetch(server.url);
    expect(result).toMatchObject({ kind: 'response', status: 302, ok: true, redirects: 0, length: 8 });
  });

  test('stays on its connection', async () => {
    await using server = await serve({ '/a': respond(302, { location: '/b' }, 'moved'), '/b': respond(200) });
    await using fetcher = createFetcher();
    await fetcher.fetch(`${server.url}/a`);
    expect(server.connections.made).toBe(1);
  });

  test('resolves its Location as a browser does', async () => {
    await using server = await serve(respond(200));
    const cases: [location: string, wanted: string][] = [
      ['?q', '/dir/page?q'],
      ['#f', '/dir/page'],
      ['../../..', '/'],
      ['x/./y/../z', '/dir/x/z'],
      ['\\evil', '/evil'],
      ['/a b', '/a%20b'],
      ['/%0d%0aX: y', '/%0d%0aX:%20y'],
      [server.url.slice(5), '/'],
      [`${server.url}/whole?q#f`, '/whole?q'],
    ];
    for (const [location, wanted] of cases) {
      let asked = 0;
      await using own = await serve((response, seen) => (asked++ === 0 ? to(location) : respond(200))(response, seen));
      await using fetcher = createFetcher();
      const result = await fetcher.fetch(`${own.url}/dir/page`);
      if (location === '#f') {
        expect(result, location).toMatchObject({ error: { code: 'REDIRECT_LOOP' } });
        continue;
      }
      const there = location.includes('127') ? server : own;
      expect(result, location).toMatchObject({ status: 200, finalUrl: there.url + wanted });
      expect(there.paths.at(-1), location).toBe(wanted);
    }
  });

  test('reads raw UTF-8 in its Location as UTF-8, and raw latin-1 as latin-1', async () => {
    const answers = [Buffer.from('/é ü'), Buffer.from('/\u00e9', 'latin1')];
    for (const [at, location] of answers.entries()) {
      await using server = await rawServer((socket, { turn }) => {
        if (turn > 1) return socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
        const head = ['HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: ', '\r\n\r\n'].map((text) =>
          Buffer.from(text),
        );
        return socket.write(Buffer.concat([head[0]!, location, head[1]!]));
      });
      await using fetcher = createFetcher();
      const result = await fetcher.fetch(server.url);
      expect(result).toMatchObject({ finalUrl: `${server.url}${['/%C3%A9%20%C3%BC', '/%C3%A9'][at]}` });
    }
  });
});

describe('a redirect that leads nowhere', () => {
  test.each([
    ['file:///etc/passwd', 'REDIRECT_SCHEME'],
    ['ftp://example.com/', 'REDIRECT_SCHEME'],
    ['data:text/plain,hi', 'REDIRECT_SCHEME'],
    ['javascript:alert(1)', 'REDIRECT_SCHEME'],
    ['gopher://x/', 'REDIRECT_SCHEME'],
    ['ws://x/', 'REDIRECT_SCHEME'],
    ['http://', 'REDIRECT_INVALID'],
    ['//', 'REDIRECT_INVALID'],
    ['http://x:99999/', 'REDIRECT_INVALID'],
    ['http://x:0/', 'REDIRECT_INVALID'],
    ['http://a b/', 'REDIRECT_INVALID'],
    ['http://[::1', 'REDIRECT_INVALID'],
  ])('%s is %s, and is not retried', async (location, code) => {
    await using server = await serve(to(location));
    await using fetcher = createFetcher();
    const result = await fetcher.fetch(`${server.url}/from`);
    expect(result).toMatchObject({ kind: 'failure', error: { code, retryable: false }, attempts: 1, redirects: 0 });
    expect(result).toMatchObject({ finalUrl: `${server.url}/from`, length: 0 });
    expect(server.requests).toHaveLength(1);
  });

  test('with two different Locations is REDIRECT_INVALID; two equal ones count as one', async () => {
    await using server = await serve({
      '/two': respond(302, { location: ['/a', '/b'] }),
      '/same': respond(302, { location: ['/a', '/a'] }),
      '/a': respond(200),
    });
    await using fetcher = createFetcher();
    expect(await fetcher.fetch(`${server.url}/two`)).toMatchObject({ error: { code: 'REDIRECT_INVALID' } });
    expect(await fetcher.fetch(`${server.url}/same`)).toMatchObject({ status: 200, finalUrl: `${server.url}/a` });
    expect(server.paths).toEqual(['/two', '/same', '/a']);
  });

  test('to a URL that was requested before is REDIRECT_LOOP', async () => {
    await using server = await serve({ '/self': to('/self'), '/a': to('/b'), '/b': to('/c'), '/c': to('/a#again') });
    await using fetcher = createFetcher();
    expect(await fetcher.fetch(`${server.url}/self`)).toMatchObject({ error: { code: 'REDIRECT_LOOP' }, redirects: 0 });
    expect(await fetcher.fetch(`${server.url}/a`)).toMatchObject({ error: { code: 'REDIRECT_LOOP' }, redirects: 2 });
    expect(server.paths).toEqual(['/self', '/a', '/b', '/c']);
  });

  test('to the same URL by another method is not a loop', async () => {
    await using server = await serve((response, seen) =>
      (seen.method === 'POST' ? to('/form', 303) : respond(200))(response, seen),
    );
    await using fetcher = createFetcher();
    expect(await fetcher.fetch({ url: `${server.url}/form`, method: 'POST', body: 'x' })).toMatchObject({
      status: 200,
    });
  });

  test('without an end is REDIRECT_LIMIT', async () => {
    await using server = await serve((response, seen) => to(`${seen.path}x`)(response, seen));
    await using fetcher = createFetcher({ maxRedirects: 4 });
    const result = await fetcher.fetch(`${server.url}/`);
    expect(result).toMatchObject({ error: { code: 'REDIRECT_LIMIT', retryable: false }, redirects: 4, attempts: 1 });
    expect(server.paths).toEqual(['/', '/x', '/xx', '/xxx', '/xxxx']);
  });
});

const chain = (): Promise<ScriptedServer> =>
  serve((response, { path }) => {
    const left = Number(path.slice(1));
    return (left > 0 ? to(`/${left - 1}`) : respond(200))(response, undefined as never);
  });

describe('maxRedirects', () => {
  test('is 10 by default', async () => {
    await using server = await chain();
    await using fetcher = createFetcher();
    expect(await fetcher.fetch(`${server.url}/10`)).toMatchObject({ status: 200, redirects: 10 });
    expect(await fetcher.fetch(`${server.url}/11`)).toMatchObject({ error: { code: 'REDIRECT_LIMIT' } });
  });

  test('allows exactly that many', async () => {
    await using server = await chain();
    await using fetcher = createFetcher({ maxRedirects: 3 });
    expect(await fetcher.fetch(`${server.url}/3`)).toMatchObject({ status: 200, redirects: 3 });
    expect(await fetcher.fetch(`${server.url}/4`)).toMatchObject({ error: { code: 'REDIRECT_LIMIT' }, redirects: 3 });
  });

  test('0 follows none: the response is the 3xx with its body', async () => {
    await using server = await serve(respond(302, { location: '/else' }, 'over there'));
    await using fetcher = createFetcher({ maxRedirects: 0 });
    const result = await fetcher.fetch(server.url);
    expect(result).toMatchObject({ kind: 'response', ok: true, status: 302, redirects: 0, length: 10 });
    expect(result.kind === 'response' && [result.headers.location, result.text()]).toEqual(['/else', 'over there']);
    expect(server.requests).toHaveLength(1);
  });
});

describe('the method and the body of a redirected request', () => {
  const table: [status: number, method: string, wanted: string, keepsBody: boolean][] = [
    [301, 'POST', 'GET', false],
    [302, 'POST', 'GET', false],
    [303, 'POST', 'GET', false],
    [303, 'PUT', 'GET', false],
    [303, 'DELETE', 'GET', false],
    [303, 'HEAD', 'HEAD', false],
    [301, 'PUT', 'PUT', true],
    [302, 'HEAD', 'HEAD', false],
    [302, 'DELETE', 'DELETE', false],
    [307, 'POST', 'POST', true],
    [308, 'POST', 'POST', true],
    [308, 'PATCH', 'PATCH', true],
  ];
  test.each(table)('%i turns %s into %s', async (status, method, wanted, keepsBody) => {
    await using server = await serve({ '/from': to('/to', status), '/to': respond(200) });
    await using fetcher = createFetcher();
    const hasBody = !['HEAD', 'DELETE'].includes(method);
    const request = { url: `${server.url}/from`, method, headers: { 'content-type': 'text/x-mine' } };
    const result = await fetcher.fetch(hasBody ? { ...request, body: 'payload' } : request);
    expect(result).toMatchObject({ status: 200, method });
    const { method: sent, body, headers } = server.requests[1]!;
    expect([sent, body.toString()]).toEqual([wanted, keepsBody ? 'payload' : '']);
    expect(headers['content-type']).toBe(keepsBody ? 'text/x-mine' : undefined);
    if (!keepsBody) expect(headers).not.toHaveProperty('transfer-encoding');
  });

  test.each([301, 302, 307, 308])(
    '%i would carry a PUT to another origin: REDIRECT_INVALID, and nothing is sent',
    async (status) => {
      await using other = await serve(respond(200));
      await using server = await serve(to(`${other.url}/to`, status));
      await using fetcher = createFetcher();
      const result = await fetcher.fetch({ url: server.url, method: 'PUT', body: 'canary' });
      expect(result).toMatchObject({ kind: 'failure', error: { code: 'REDIRECT_INVALID' }, attempts: 1 });
      expect(other.requests).toEqual([]);
    },
  );

  test('303 carries no body, so it may go to another origin', async () => {
    await using other = await serve(respond(200));
    await using server = await serve(to(`${other.url}/to`, 303));
    await using fetcher = createFetcher();
    expect(await fetcher.fetch({ url: server.url, method: 'POST', body: 'canary' })).toMatchObject({ status: 200 });
    expect(other.requests[0]).toMatchObject({ method: 'GET' });
    expect(other.requests[0]!.body).toHaveLength(0);
  });
});

describe('the headers of a request that is redirected', () => {
  const secrets = {
    authorization: 'Bearer canary',
    cookie: 'session=canary',
    'proxy-authorization': 'Basic canary',
    'x-api-key': 'canary',
    referer: 'http://canary.test/?canary',
    origin: 'http://canary.test',
    'x-anything': 'canary',
    'content-language': 'canary',
  };
  const harmless = { accept: 'text/html', 'accept-language': 'de', 'accept-encoding': 'gzip', 'user-agent': 'mine/1' };

  test('are all kept within the origin', async () => {
    await using server = await serve({ '/a': to('/b'), '/b': respond(200) });
    await using fetcher = createFetcher({ headers: harmless });
    await fetcher.fetch({ url: `${server.url}/a`, headers: { authorization: 'Bearer mine', 'x-api-key': 'mine' } });
    expect(server.requests[1]!.headers).toMatchObject({
      ...harmless,
      authorization: 'Bearer mine',
      'x-api-key': 'mine',
    });
  });

  test('keep only the harmless ones for another name, another port or both', async () => {
    await using other = await serve(respond(200));
    for (const target of [other.url, other.at('name')]) {
      await using server = await serve(to(`${target}/to`));
      await using fetcher = createFetcher({ headers: { ...harmless, 'x-default': 'canary' } });
      await fetcher.fetch({ url: server.url, headers: secrets });
      const { headers } = other.requests.at(-1)!;
      expect(headers).toMatchObject(harmless);
      expect(JSON.stringify(headers)).not.toContain('canary');
    }
    // Under another name, the same server is another origin.
    await using server = await serve({
      '/from': (response, seen) => to(`${server.at('b')}/to`)(response, seen),
      '/to': respond(200),
    });
    await using fetcher = createFetcher();
    await fetcher.fetch({ url: `${server.at('a')}/from`, headers: secrets });
    expect(JSON.stringify(server.requests[1]!.headers)).not.toContain('canary');
  });

  test('are not restored when a redirect leads back', async () => {
    await using second = await serve((response, seen) => to(`${first.url}/back`)(response, seen));
    await using first = await serve({ '/from': to(`${second.url}/there`), '/back': respond(200) });
    await using fetcher = createFetcher();
    const result = await fetcher.fetch({ url: `${first.url}/from`, headers: secrets });
    expect(result).toMatchObject({ status: 200, redirects: 2, finalUrl: `${first.url}/back` });
    expect(JSON.stringify(first.requests[1]!.headers)).not.toContain('canary');
  });

  test('never contain a Referer', async () => {
    await using server = await serve({ '/a?canary': to('/b'), '/b': respond(200) });
    await using fetcher = createFetcher();
    await fetcher.fetch(`${server.url}/a?canary`);
    expect(server.requests[1]!.headers).not.toHaveProperty('referer');
  });

  test('carry the credentials of a URL only to its own origin', async () => {
    await using other = await serve(respond(200));
    await using server = await serve({ '/a': to('/b'), '/b': to(`${other.url}/c`) });
    await using fetcher = createFetcher();
    const result = await fetcher.fetch(`${server.url.replace('//', '//user:canary@')}/a`);
    expect(result).toMatchObject({ status: 200, finalUrl: `${other.url}/c` });
    const basic = `Basic ${Buffer.from('user:canary').toString('base64')}`;
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([basic, basic]);
    expect(other.requests[0]!.headers).not.toHaveProperty('authorization');
    expect(JSON.stringify(result)).not.toContain('canary');
  });

  test('use the credentials of a Location at its origin, in place of our own, and do not show them', async () => {
    await using other = await serve(respond(200));
    await using server = await serve(to(`${other.url.replace('//', '//their:canary@')}/c`));
    await using fetcher = createFetcher();
    const result = await fetcher.fetch(server.url.replace('//', '//our:secret@'));
    expect(other.requests[0]!.headers.authorization).toBe(`Basic ${Buffer.from('their:canary').toString('base64')}`);
    expect(result).toMatchObject({ status: 200, finalUrl: `${other.url}/c` });
    expect(JSON.stringify(result)).not.toMatch(/canary|secret/);
  });
});

describe('the body of a redirect', () => {
  test('is not waited for, and its connection is closed when the body never ends', async () => {
    await using server = await serve({
      '/from': (response) => {
        response.writeHead(302, { location: '/to' });
        response.write('never the end');
      },
      '/to': respond(200),
    });
    await using fetcher = createFetcher({ timeoutMs: 15_000 });
    const result = await fetcher.fetch(`${server.url}/from`);
    expect(result).toMatchObject({ status: 200, redirects: 1 });
    expect(result.elapsedMs).toBeLessThan(900);
    await expect.poll(() => server.connections.open, { timeout: 5000 }).toBeLessThanOrEqual(1);
  });

  test('is not read to its end when it is large', async () => {
    let written = 0;
    await using server = await serve({
      '/from': (response) => {
        response.writeHead(302, { location: '/to' });
        const block = Buffer.alloc(65_536);
        const pour = (): void => {
          do written += block.length;
          while (response.write(block) && written < 500e6);
        };
        response.on('drain', pour);
        pour();
      },
      '/to': respond(200),
    });
    await using fetcher = createFetcher();
    expect(await fetcher.fetch(`${server.url}/from`)).toMatchObject({ status: 200, length: 0 });
    await expect.poll(() => server.connections.open, { timeout: 5000 }).toBeLessThanOrEqual(1);
    expect(written).toBeLessThan(100e6);
  });

  test('is not decoded, whatever it claims to be', async () => {
    await using server = await serve({
      '/from': respond(302, { location: '/to', 'content-encoding': 'gzip' }, 'this is not gzip'),
      '/to': respond(200, {}, 'ok'),
    });
    await using fetcher = createFetcher({ maxBodyBytes: 5 });
    expect(await fetcher.fetch(`${server.url}/from`)).toMatchObject({ status: 200, length: 2 });
  });

  test('may be truncated', async () => {
    await using server = await rawServer((socket, { turn, connection }) => {
      if (turn === 1 && connection === 1) {
        socket.end('HTTP/1.1 302 Found\r\nLocation: /to\r\nContent-Length: 50\r\n\r\nhalf');
      } else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    });
    await using fetcher = createFetcher();
    expect(await fetcher.fetch(server.url)).toMatchObject({ status: 200, redirects: 1, attempts: 1 });
  });
});

describe('a redirect to another origin', () => {
  test('takes a slot there and gives back its own', async () => {
    const wire = heldTransport();
    await using fetcher = createFetcher({ transport: wire.transport, perHost: { concurrency: 1 } });
    const busy = fetcher.fetch('http://b.test/busy');
    const redirected = fetcher.fetch('http://a.test/from');
    const next = fetcher.fetch('http://a.test/next');
    await wire.until(2);
    expect(wire.sent).toEqual(['/busy', '/from']);
    wire.answer('/from', { status: 302, headers: { location: 'http://b.test/to' } });
    await wire.until(3);
    // a.test has a free slot again; b.test has none yet.
    expect(wire.sent).toEqual(['/busy', '/from', '/next']);
    wire.answer('/busy');
    await wire.until(4);
    expect(wire.underWay).toEqual(['/next', '/to']);
    wire.answerAll();
    expect((await Promise.all([busy, redirected, next])).map(({ ok }) => ok)).toEqual([true, true, true]);
  });

  test('counts for the limit there', async () => {
    await using other = await serve((response) => void setTimeout(() => response.end(), 5));
    await using server = await serve((response, { path }) => to(other.url + path)(response, undefined as never));
    await using fetcher = createFetcher({ perHost: { concurrency: 2 }, concurrency: 20 });
    const urls = Array.from({ length: 10 }, (_, at) => `${server.url}/${at}`);
    const direct = Array.from({ length: 10 }, (_, at) => `${other.url}/direct${at}`);
    expect((await fetcher.gather([...urls, ...direct])).every(({ ok }) => ok)).toBe(true);
    expect(other.requests).toHaveLength(20);
    expect(other.maxInFlight()).toBe(2);
    expect(server.maxInFlight()).toBeLessThanOrEqual(2);
  });

  test('is cancelled when aborted while it waits there, and no slot is lost', async () => {
    const wire = heldTransport();
    await using fetcher = createFetcher({ transport: wire.transport, perHost: { concurrency: 1 } });
    const controller = new AbortController();
    const redirected = fetcher.fetch('http://a.test/from', { signal: controller.signal });
    const busy = fetcher.fetch('http://b.test/busy');
    await wire.until(2);
    wire.answer('/from', { status: 302, headers: { location: 'http://b.test/to' } });
    await quiet();
    controller.abort();
    expect(await redirected).toMatchObject({ kind: 'cancelled', attempts: 1 });
    wire.answer('/busy');
    await busy;
    const next = fetcher.gather(['http://a.test/next', 'http://b.test/next']);
    await wire.until(4);
    wire.answerAll();
    expect(await next).toHaveLength(2);
    expect(wire.sent).not.toContain('/to');
  });
});
