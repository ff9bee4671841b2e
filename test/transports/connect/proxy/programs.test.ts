import { createServer } from 'node:https';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFetcher, type FetchResult } from '../../../../src/index.ts';
import { httpProxy } from '../../../helpers/proxies/http-proxy.ts';
import { squidArgs, startProgram, tinyproxyArgs, type ProxyProgram } from '../../../helpers/proxies/program.ts';
import { loopbackCertificate } from '../../../helpers/servers/certificate.ts';
import { hasTool } from '../../../helpers/process/tools.ts';
import { listening, type Listening } from '../../../helpers/servers/listening.ts';
import { deadPort } from '../../../helpers/servers/raw-server.ts';
import { respond, serve, type ScriptedServer } from '../../../helpers/servers/serve.ts';
import { temporary } from '../../../helpers/temporary.ts';

const login = 'me:secret';
const folder = temporary('proxies');
const tls = await loopbackCertificate();

/** Requests of each scheme. The real run has 1,000 in all. */
const count = Number(process.env['PROXIED_URLS'] ?? 40);

let plain: ScriptedServer;
let secure: Listening;

beforeAll(async () => {
  plain = await serve({
    '/moved': respond(302, { location: '/there' }),
    '/missing': respond(404, {}, 'no'),
    '*': respond(200, { 'content-type': 'text/plain' }, 'x'.repeat(3000)),
  });
  secure = await listening(
    createServer(tls, (request, response) => response.end(`${request.url} ${'y'.repeat(5000)}`)),
  );
});
afterAll(async () => {
  await plain[Symbol.asyncDispose]();
  await secure[Symbol.asyncDispose]();
});

function urls(): string[] {
  const paths = Array.from({ length: count - 2 }, (_, at) => `/${at}`);
  return [
    ...['/moved', '/missing', ...paths].map((path) => `${plain.url}${path}`),
    ...['/a', '/b', ...paths].map((path) => `https://127.0.0.1:${secure.port}${path}`),
  ];
}

/** What a record says apart from times and the proxy, and from headers that a proxy may change. */
function essence(result: FetchResult): object {
  const { elapsedMs: _elapsed, timingsMs: _timings, at: _at, proxy: _proxy, ...rest } = result;
  return { ...rest, headers: undefined, body: result.kind === 'response' ? result.text() : undefined };
}

async function fetchAll(proxy: string): Promise<FetchResult[]> {
  await using fetcher = createFetcher({ proxy, tls: { ca: tls.cert }, perHost: { concurrency: 20 } });
  return await fetcher.gather(urls(), { returnExceptions: true });
}

const programs = [
  {
    name: 'squid',
    has: () => hasTool('squid', '/usr/sbin/squid', ['--version']),
    start: () => startProgram('squid', (port) => squidArgs(folder.directory, { port, login })),
    scheme: 'http',
    /** What becomes of a server that is down, behind http and behind https. */
    dead: [{ status: 503 }, { error: { code: 'PROXY_REFUSED' } }],
  },
  {
    name: 'tinyproxy',
    has: () => hasTool('tinyproxy', 'tinyproxy', ['-v']),
    start: () => startProgram('tinyproxy', (port) => tinyproxyArgs(folder.directory, { port, login })),
    scheme: 'http',
    dead: [{ status: 500 }, { error: { code: 'PROXY_REFUSED' } }],
  },
  ...(['socks5', 'socks5h'] as const).map((scheme) => ({
    name: `microsocks as ${scheme}`,
    has: () => hasTool('microsocks', 'sh', ['-c', 'command -v microsocks']),
    start: () =>
      startProgram('microsocks', (port) => ['-i', '127.0.0.1', '-p', String(port), '-u', 'me', '-P', 'secret']),
    scheme,
    dead: [{ error: { code: 'CONNECT_REFUSED' } }, { error: { code: 'CONNECT_REFUSED' } }],
  })),
];

for (const { name, has, start, scheme, dead } of programs) {
  describe.skipIf(!has())(name, () => {
    let program: ProxyProgram;
    beforeAll(async () => {
      program = await start();
    });
    afterAll(() => program[Symbol.asyncDispose]());

    const urlOf = (user: string): string => `${scheme}://${user}@127.0.0.1:${program.port}`;

    test('leaves the records of http and https as they are without it', async () => {
      const direct = await fetchAll('none');
      const proxied = await fetchAll(urlOf(login));
      expect(proxied.map(essence)).toEqual(direct.map(essence));
      expect(new Set(proxied.map(({ proxy }) => proxy))).toEqual(new Set([`${scheme}://127.0.0.1:${program.port}`]));
    });

    test('wants a password: PROXY_AUTH', async () => {
      const without = urlOf(login).replace(`${login}@`, '');
      // To a wrong password tinyproxy answers 401, as a server would.
      for (const proxy of name === 'tinyproxy' ? [without] : [without, urlOf('me:wrong')]) {
        await using fetcher = createFetcher({ proxy, tls: { ca: tls.cert } });
        for (const url of [plain.url, `https://127.0.0.1:${secure.port}/`]) {
          expect(await fetcher.fetch(url)).toMatchObject({ attempts: 1, error: { code: 'PROXY_AUTH' } });
        }
      }
    });

    test('reports a server that is down', async () => {
      await using fetcher = createFetcher({ proxy: urlOf(login), retry: { retries: 0 } });
      const port = await deadPort();
      const results = [
        await fetcher.fetch(`http://127.0.0.1:${port}/`),
        await fetcher.fetch(`https://127.0.0.1:${port}/`),
      ];
      for (const [at, result] of results.entries()) expect(result).toMatchObject(dead[at]!);
    });
  });
}

test('the same through an https proxy of our own', async () => {
  await using proxy = await httpProxy({ tls, login });
  await using fetcher = createFetcher({
    proxy: { url: proxy.url.replace('//', `//${login}@`), ca: tls.cert },
    tls: { ca: tls.cert },
    perHost: { concurrency: 20 },
  });
  const direct = await fetchAll('none');
  const proxied = await fetcher.gather(urls(), { returnExceptions: true });
  expect(proxied.map(essence)).toEqual(direct.map(essence));
});
