import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { createFetcher, type CookieJar } from '../../src/index.ts';
import type { FetcherOptions } from '../../src/fetcher/options.ts';
import type { RequestObject } from '../../src/http/request.ts';
import type { FetchResult } from '../../src/http/result.ts';
import { runCli } from '../helpers/process/cli.ts';
import { deadPort, rawServer, send, sendThenReset } from '../helpers/servers/raw-server.ts';
import { respond, serve, silence, type Script, type ScriptedServer } from '../helpers/servers/serve.ts';

/** Every secret contains this word and the name of its place, so that a leak shows its origin. */
const canary = 'canary';

const secretHeaders = {
  Authorization: 'Bearer canary-authorization',
  Cookie: 'session=canary-cookie',
  'X-Api-Key': 'canary-api-key',
  'Proxy-Authorization': 'Basic canary-proxy',
  'X-Auth-Token': 'canary-auth-token',
  'X-Amz-Security-Token': 'canary-amz',
  'X-Vault-Token': 'canary-vault',
  'PRIVATE-TOKEN': 'canary-private',
  'X-CSRF-Token': 'canary-csrf',
  Referer: 'http://canary-referer.test/',
  'X-Forwarded-For': 'canary-forwarded',
  'X-Anything': 'canary-anything',
};

const elsewhere = (url: string): string => url.replace('127.0.0.1', 'else.localhost');
const withUser = (url: string, user: string): string => url.replace('//', `//${user}@`);

/** A jar that has a secret for every host. */
const canaryJar: CookieJar = {
  getCookieString: () => 'c=canary-jar',
  setCookie: () => Promise.reject(new Error(canary)),
};

/** The replies of the server, by path. */
function script(self: () => ScriptedServer, reset: string): Script {
  const to = (location: string, status = 302) => respond(status, { location });
  const later =
    (location: () => string, status?: number) =>
    (...[response, seen]: Parameters<ReturnType<typeof respond>>) =>
      to(location(), status)(response, seen);
  return {
    '/ok': respond(200, {}, 'fine'),
    '/missing': respond(404),
    '/busy': respond(503),
    '/silent': silence,
    '/bad-gzip': respond(200, { 'content-encoding': 'gzip' }, 'no gzip'),
    '/unknown-coding': respond(200, { 'content-encoding': 'x-none' }, 'x'),
    '/within': later(() => '/ok'),
    '/away': later(() => `${elsewhere(self().url)}/ok`),
    '/away-with-body': later(() => `${elsewhere(self().url)}/ok`, 307),
    '/with-user': later(() => withUser(`${elsewhere(self().url)}/ok`, 'their:canary-location')),
    '/with-user-dead': later(() => 'http://their:canary-location@127.0.0.1:1/'),
    '/with-user-reset': later(() => withUser(reset, 'their:canary-location')),
    '/with-bad-port': later(() => 'http://their:canary-location@else.localhost:99999/'),
    '/with-bad-scheme': later(() => 'ftp://their:canary-location@else.localhost/'),
    '/with-control': respond(302, { location: 'http://their:canary-location@else.localhost/\u0080\t' }),
    '/twice': respond(302, { location: ['http://a:canary-location@x/', 'http://b:canary-location@y/'] }),
    '/loop': later(() => withUser(`${self().url}/loop`, 'their:canary-location')),
  };
}

/** URLs that lead to every kind of outcome, each with a password or a token. */
async function urlsOf(server: ScriptedServer, reset: string): Promise<string[]> {
  const port = await deadPort();
  const paths = Object.keys(script(() => server, reset)).filter((path) => path !== '/silent');
  return [
    ...paths.map((path) => withUser(server.url + path, 'me:canary-password')),
    withUser(`${server.url}/ok`, 'canary-token'),
    withUser(reset, 'me:canary-password'),
    `http://me:canary-password@127.0.0.1:${port}/`,
    'http://me:canary-password@nowhere.invalid/',
    'http://me:canary-password@127.0.0.1:99999/',
    'http://me:canary-password@/',
    'ftp://me:canary-password@127.0.0.1/',
    'http://me:canary/password@127.0.0.1/',
    'http://me:canary?password@127.0.0.1/',
    'http://me:canary#password@127.0.0.1/',
    'http://me:canary\\password@127.0.0.1/',
    'http://me:canary-password\uff20127.0.0.1/',
    'http://me:canary-password%40127.0.0.1/',
    'me:canary-password@127.0.0.1/',
    'http:me:canary-password@',
    'http://me:canary@password@127.0.0.1:0/',
    `http://me:canary-password@127.0.0.1/${'x'.repeat(70_000)}`,
    'http://me:canary-password@127.0.0.1:1/\u0000',
  ];
}

/** Returns everything that a program can print of a value. */
function allOf(value: unknown): string {
  const chain: string[] = [];
  let error = value instanceof Error ? value : (value as { error?: unknown }).error;
  for (; error instanceof Error; error = error.cause) chain.push(error.message, String(error.stack), String(error));
  return [
    JSON.stringify(value),
    inspect(value, { depth: 10, showHidden: true, maxStringLength: Infinity, maxArrayLength: Infinity }),
    ...chain,
  ].join('\n');
}

describe('secrets and the library', () => {
  const runs: [name: string, options: FetcherOptions][] = [
    ['', { timeoutMs: 2000 }],
    [' with headers', { headers: secretHeaders, responseBody: 'discard' }],
    [' without redirects', { maxRedirects: 0 }],
    [' with an identity', { auth: { user: 'me', password: 'canary-user', cookie: 'c=canary-cookie' } }],
    [
      ' with a token',
      { auth: { bearer: async () => 'canary-bearer', netrc: 'default login a password canary-netrc' } },
    ],
    [' with functions', { headers: () => secretHeaders, cookies: canaryJar }],
  ];
  test.each(runs)('no result of a fetcher%s contains one', async (_, options) => {
    await using broken = await rawServer(sendThenReset());
    await using server: ScriptedServer = await serve(script(() => server, broken.url));
    await using fetcher = createFetcher({ retry: { retries: 0 }, ...options });
    const requests: RequestObject[] = (await urlsOf(server, broken.url)).flatMap((url) => [
      { url, headers: secretHeaders },
      { url, headers: secretHeaders, method: 'POST', body: 'canary-body' },
    ]);
    const results = await fetcher.gather(requests, { returnExceptions: true });
    expect(new Set(results.map(nameOf)).size).toBeGreaterThan(options.maxRedirects === 0 ? 10 : 14);
    for (const result of results) expect(allOf(withoutServers(result)), nameOf(result)).not.toContain(canary);
    // The secrets were sent, so there was something to find.
    expect(server.requests.filter(({ headers }) => headers['x-api-key'] === 'canary-api-key').length).toBeGreaterThan(
      20,
    );
    expect(allOf(fetcher)).not.toContain(canary);
  });

  test('no result of a stopped request contains one', async () => {
    await using server = await serve(silence);
    await using fetcher = createFetcher({ headers: secretHeaders, timeoutMs: 300, retry: { retries: 0 } });
    const url = withUser(server.url, 'me:canary-password');
    const timedOut = await fetcher.fetch({ url, body: 'canary-body', method: 'PUT' });
    expect([timedOut.kind, allOf(timedOut).includes(canary)]).toEqual(['failure', false]);
    const cancelled = await fetcher.fetch(url, { signal: AbortSignal.timeout(20) });
    expect([cancelled.kind, allOf(cancelled).includes(canary)]).toEqual(['cancelled', false]);
    const { pending, done } = await fetcher.wait([url], { timeoutMs: 20 });
    for (const task of [...pending, ...done]) expect(allOf(task)).not.toContain(canary);
    const rejected = await fetcher.gather([url]).catch((error: unknown) => error);
    expect(rejected).toBeInstanceOf(Error);
    expect(allOf(rejected)).not.toContain(canary);
  });

  test.each([
    { headers: { Authorization: 'canary\n' } },
    { headers: 'Authorization: canary' },
    { headers: ['Authorization: canary'] },
    { headers: { Host: canary } },
    { headers: { Cookie: ['canary', 5] } },
    { auth: { user: 'canary' } },
    { auth: { bearer: 'canary\n' } },
    { auth: { netrc: 'machine a password "canary' } },
    { tls: { cert: 'canary', key: 'canary' } },
    { tls: { ca: '-----BEGIN CERTIFICATE-----\ncanary\n-----END CERTIFICATE-----' } },
  ])('no error for a wrong option or request contains one: %o', async (options) => {
    expect(() => createFetcher(options as unknown as FetcherOptions)).toThrow(TypeError);
    try {
      createFetcher(options as unknown as FetcherOptions);
    } catch (error) {
      expect(allOf(error)).not.toContain(canary);
    }
    await using fetcher = createFetcher();
    const request = { url: 'http://me:canary@127.0.0.1:1/', ...options } as unknown as RequestObject;
    if ('headers' in options) expect(allOf(await fetcher.fetch(request))).not.toContain(canary);
  });
});

function nameOf(result: FetchResult): string {
  return `${result.method} ${result.url.slice(0, 100)}: ${result.kind === 'response' ? result.status : result.error.code}`;
}

/** Removes the headers of a response: the server wrote them, and they are meant to be shown. */
function withoutServers(result: FetchResult): object {
  return result.kind === 'response'
    ? Object.assign(Object.create(null) as object, result, { headers: undefined })
    : result;
}

describe('secrets and the command line', () => {
  const directory = mkdtempSync(join(tmpdir(), 'fetchmany-canaries-'));
  const headerFlags = Object.entries(secretHeaders).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const identityFlags = ['-u', 'me:canary-user', '-b', 'c=canary-cookie', '-A', 'shown/1'];
  const netrc = join(directory, 'netrc');
  writeFileSync(netrc, 'default login me password canary-netrc\n');

  test.each(['text', 'table', 'jsonl', 'json', 'csv'])(
    'neither records as %s nor messages with -v contain one',
    async (format) => {
      await using broken = await rawServer(sendThenReset());
      await using server: ScriptedServer = await serve(script(() => server, broken.url));
      const list = join(directory, `${format}.txt`);
      writeFileSync(list, `${(await urlsOf(server, broken.url)).join('\n')}\n`);
      const common = [
        '-v',
        '--retries',
        '0',
        '-i',
        list,
        '--format',
        format,
        ...headerFlags,
        ...identityFlags,
        '--netrc-file',
        netrc,
      ];
      const output = join(directory, `out.${format}`);
      const [posted, plain] = await Promise.all([
        runCli([...common, '-d', 'canary-body']),
        runCli([...common, '-o', output]),
      ]);
      for (const run of [posted, plain]) {
        expect(run.code).toBe(1);
        expect(run.stderr).toMatch(/caused by: /);
        expect(run.stdout + run.stderr).not.toContain(canary);
      }
      expect(readFileSync(output, 'utf8')).toContain('127.0.0.1');
      expect(readFileSync(output, 'utf8')).not.toContain(canary);
      expect(server.requests.filter(({ body }) => body.includes('canary-body')).length).toBeGreaterThan(5);
      expect(readdirSync(directory).join('\n')).not.toContain(canary);
    },
  );

  test('the command that resumes the run contains none', async () => {
    await using server = await serve(silence);
    const url = withUser(server.url, 'me:canary-password');
    const output = join(directory, 'left.jsonl');
    const flags = [
      ...headerFlags,
      ...identityFlags,
      '--netrc-file',
      netrc,
      '-HX-Short:canary',
      '--header=X-Long: canary',
      '-d',
      'canary-body',
      '--data=canary',
    ];
    const run = await runCli([url, `${url}/2`, '-o', output, '--deadline', '300ms', ...flags]);
    expect([run.code, run.stderr.includes('--resume')]).toEqual([7, true]);
    expect(run.stdout + run.stderr + readFileSync(output, 'utf8')).not.toContain(canary);
  });

  test.each([
    [['-u', 'canary']],
    [['-u', 'me:canary', '--bearer', 'canary']],
    [['--usr', 'me:canary']],
    [['--bearer', 'canary\u0001']],
    [['-b', 'canary']],
    [['-A', 'me', '--auth-for', 'x', '-u', 'me:canary']],
    [['-H', 'Authorization canary']],
    [['-H', 'Authorization: canary\u0001']],
    [['-H', 'Host: canary']],
    [['-H', ': canary']],
    [['--heder', 'X-Key: canary']],
    [['--heder=X-Key: canary']],
    [['--cert', '/dev/null', '-H', 'X-Key: canary']],
    [['-d', 'canary', '--retries', 'x']],
    [['-o', '/none/x', '-d', 'canary', '-H', 'X-Key: canary']],
    [['-i', '/none', '-d', 'canary']],
  ])('no message about a mistake contains one: %j', async (flags) => {
    const run = await runCli(['-v', 'http://me:canary@127.0.0.1:1/', '--retries', '0', ...flags]);
    expect(run.code).toBeGreaterThan(0);
    expect(run.stdout + run.stderr).not.toContain(canary);
  });
});

test('a secret in a query is part of the URL: it appears in the records, and is not sent to another origin', async () => {
  await using other = await serve(respond(200));
  await using server = await serve({ '/a?token=mine': respond(302, { location: `${other.url}/b` }) });
  await using fetcher = createFetcher();
  const result = await fetcher.fetch(`${server.url}/a?token=mine`);
  expect(result).toMatchObject({ status: 200, url: `${server.url}/a?token=mine`, finalUrl: `${other.url}/b` });
  // Not even as a Referer.
  expect(JSON.stringify(other.requests)).not.toContain('mine');
});

describe('R1 headers on redirects to other origins', () => {
  const lowerNames = Object.keys(secretHeaders).map((name) => name.toLowerCase());
  const basic = `Basic ${Buffer.from('me:canary-password').toString('base64')}`;

  test.each(['http', 'https'] as const)('and back, over %s, none of twelve headers comes along', async (scheme) => {
    const { loopbackCertificate } = await import('../helpers/servers/certificate.ts');
    const identity = await loopbackCertificate();
    const tls = scheme === 'https' ? identity : undefined;
    const to = (url: string): string => `HTTP/1.1 302 Found\r\nLocation: ${url}\r\nContent-Length: 0\r\n\r\n`;
    await using first = await rawServer((socket, request) => {
      const location = request.head.startsWith('GET /start ') ? `${first.url}/away` : `${second.url}/there`;
      const isBack = request.head.startsWith('GET /back ');
      send(isBack ? 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n' : to(location))(socket, request);
    }, tls);
    await using second = await rawServer((socket, request) => void send(to(`${first.url}/back`))(socket, request), tls);
    await using fetcher = createFetcher({ tls: { ca: identity.cert } });
    const url = withUser(`${first.url}/start`, 'me:canary-password');
    const { Authorization: _, ...others } = secretHeaders;
    const result = await fetcher.fetch({ url, headers: others });
    expect(result).toMatchObject({ status: 200, redirects: 3, finalUrl: `${first.url}/back` });
    const heads = [...first.requests, ...second.requests].map(({ head }) => head);
    const [start, away, back, there] = heads;
    for (const head of [start!, away!]) {
      expect(lowerNames.filter((name) => new RegExp(`^${name}: `, 'im').test(head))).toEqual(lowerNames);
      expect(head).toContain(basic);
    }
    for (const head of [there!, back!]) {
      expect(lowerNames.filter((name) => new RegExp(`^${name}:`, 'im').test(head))).toEqual([]);
      expect(head).not.toMatch(/canary|Basic/i);
    }
  });

  test('from https to http, and from one port to another, it is another origin', async () => {
    const { loopbackCertificate } = await import('../helpers/servers/certificate.ts');
    const identity = await loopbackCertificate();
    await using plain = await rawServer(send('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'));
    const location = `HTTP/1.1 302 Found\r\nLocation: ${plain.url}/\r\nContent-Length: 0\r\n\r\n`;
    await using secure = await rawServer(send(location), identity);
    await using port = await rawServer(send(location));
    await using fetcher = createFetcher({ tls: { ca: identity.cert } });
    for (const server of [secure, port]) {
      expect(await fetcher.fetch({ url: server.url, headers: secretHeaders })).toMatchObject({ status: 200 });
      expect(server.requests[0]!.head).toContain('canary-api-key');
    }
    expect(plain.requests).toHaveLength(2);
    for (const { head } of plain.requests) expect(head).not.toContain(canary);
  });
});
