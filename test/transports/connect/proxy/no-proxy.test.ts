import { execFile } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FetchError } from '../../../../src/http/error.ts';
import { parseRequest, type FetchRequest } from '../../../../src/http/request.ts';
import { resolveOptions } from '../../../../src/fetcher/options.ts';
import { resolveProxy } from '../../../../src/fetcher/proxy-options.ts';
import { parseNoProxy } from '../../../../src/transports/connect/proxy/no-proxy.ts';
import { Routes } from '../../../../src/transports/connect/proxy/routes.ts';
import { httpProxy, type HttpProxy } from '../../../helpers/proxies/http-proxy.ts';
import { hasTool } from '../../../helpers/process/tools.ts';

type Way = 'proxy' | 'direct';

interface Row {
  /** The environment; `P` stands for the address of the proxy. */
  readonly env: Readonly<Record<string, string>>;
  readonly url: string;
  readonly ours: Way;
  /** Where curl goes, if elsewhere. */
  readonly curl?: Way;
}

const no = (list: string, url: string, ours: Way, curl?: Way): Row => ({
  env: { http_proxy: 'P', https_proxy: 'P', no_proxy: list },
  url,
  ours,
  ...(curl && { curl }),
});
const of = (env: Row['env'], url: string, ours: Way, curl?: Way): Row => ({ env, url, ours, ...(curl && { curl }) });

const http = 'http://www.example.com/';
const https = 'https://www.example.com/';

const rows: readonly Row[] = [
  of({ http_proxy: 'P' }, http, 'proxy'),
  of({ HTTP_PROXY: 'P' }, http, 'proxy', 'direct'),
  of({ HTTP_PROXY: 'P', REQUEST_METHOD: 'GET' }, http, 'direct'),
  of({ HTTPS_PROXY: 'P' }, https, 'proxy'),
  of({ http_proxy: 'P' }, https, 'direct'),
  of({ https_proxy: 'P' }, http, 'direct'),
  of({ ALL_PROXY: 'P' }, http, 'proxy'),
  of({ all_proxy: 'P' }, https, 'proxy'),
  of({ https_proxy: 'P', HTTPS_PROXY: 'http://127.0.0.1:1' }, https, 'proxy'),
  of({ http_proxy: '' }, http, 'direct'),
  no('example.com', http, 'direct'),
  no('.example.com', 'http://example.com/', 'direct'),
  no('.example.com', http, 'direct'),
  no('*.example.com', http, 'direct', 'proxy'),
  no('*.example.com', 'http://example.com/', 'proxy'),
  no('*', http, 'direct'),
  no('other.example,*', http, 'direct', 'proxy'),
  no('www.example.com:8080', http, 'proxy'),
  no('www.example.com:80', http, 'direct', 'proxy'),
  no('example.com', 'https://www.example.com:8443/', 'direct'),
  no('ample.com', http, 'proxy'),
  no('10.0.0.0/8', 'http://10.1.2.3/', 'direct'),
  no('10.0.0.0/8', 'http://11.1.2.3/', 'proxy'),
  no('10.1.2.1-10.1.2.9', 'http://10.1.2.3/', 'proxy'),
  no('2.3', 'http://10.1.2.3/', 'proxy'),
  no('::1', 'http://[::1]/', 'direct'),
  no('a.example example.com', http, 'direct'),
  no('example.com.', http, 'direct'),
  no('example.com', 'http://www.example.com./', 'direct'),
  no('', 'http://localhost/', 'proxy'),
];

function wayOf({ env, url }: Row, proxy: string): Way {
  const actual = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, value === 'P' ? proxy : value]));
  const plan = resolveProxy('environment', false, actual);
  const route = new Routes({ ...resolveOptions(), proxy: plan }).of(parseRequest(url, []) as FetchRequest);
  if (route instanceof FetchError) throw route;
  return route === undefined ? 'direct' : 'proxy';
}

const title = ({ env, url }: Row): string =>
  `${Object.entries(env)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')} ${url}`;

test.each(rows.map((row) => [title(row), row.ours, row] as const))('%s is %s', (_title, ours, row) => {
  expect(wayOf(row, 'http://127.0.0.1:3128')).toBe(ours);
});

describe.skipIf(!hasTool('curl'))('curl', () => {
  let proxy: HttpProxy;
  beforeAll(async () => {
    proxy = await httpProxy({ answer: 'HTTP/1.1 403 No\r\n\r\n' });
  });
  afterAll(() => proxy[Symbol.asyncDispose]());

  /** Without the proxy, every connection goes to a port where nothing listens. */
  async function curlWay({ env, url }: Row): Promise<Way> {
    const before = proxy.requests.length;
    const actual = Object.fromEntries(
      Object.entries(env).map(([name, value]) => [name, value === 'P' ? proxy.url : value]),
    );
    const args = ['--disable', '--silent', '--max-time', '10', '--connect-to', '::127.0.0.1:1', url];
    await new Promise((done) => execFile('curl', args, { env: { PATH: process.env['PATH'] ?? '', ...actual } }, done));
    return proxy.requests.length > before ? 'proxy' : 'direct';
  }

  // One at a time: they share a proxy.
  test('goes where the table says', async () => {
    const ways: string[] = [];
    for (const row of rows) ways.push(`${title(row)} ${await curlWay(row)}`);
    expect(ways).toEqual(rows.map((row) => `${title(row)} ${row.curl ?? row.ours}`));
  });
});

test.each([
  ['[::1]', '::1', 80, true],
  ['[::1]:81', '::1', 80, false],
  ['[::1]:80', '::1', 80, true],
  ['2001:db8::/32', '2001:db8:1::5', 80, true],
  ['2001:db8::/32', '2001:db9::5', 80, false],
  ['0.0.0.0/0', '::1', 80, false],
  ['::/0', '10.1.2.3', 80, false],
  ['10.0.0.0/33', '10.1.2.3', 80, false],
  ['10.1.2.3:8080', '10.1.2.3', 8080, true],
  ['bücher.example', 'xn--bcher-kva.example', 80, true],
  ['EXAMPLE.com', 'example.com', 80, true],
  ['com', 'example.com', 80, true],
  ['http://example.com/', 'example.com', 80, false],
  [', ,', 'example.com', 80, false],
])('parseNoProxy() of %s, for %s:%i, is %s', (list, hostname, port, isExempt) => {
  expect(parseNoProxy(list)({ hostname, port })).toBe(isExempt);
});

test('a wrong variable is named, without its value; one that no request would use is not looked at', () => {
  expect(() => resolveProxy('environment', false, { ALL_PROXY: 'socks://u:secret@p' })).toThrow(
    'environment variable ALL_PROXY must begin with',
  );
  expect(() => resolveProxy('environment', false, { ALL_PROXY: 'socks://u:secret@p' })).not.toThrow(/secret/);
  const others = { http_proxy: 'http://p:1', https_proxy: 'http://p:1' };
  expect(resolveProxy('environment', false, { ALL_PROXY: 'socks://p', ...others })).toBeDefined();
});

test('the library reads the environment only if it is asked to', () => {
  const env = { http_proxy: 'http://p:1' };
  expect(resolveProxy(undefined, false, env)).toBeUndefined();
  expect(resolveProxy(undefined, false, { ...env, NODE_USE_ENV_PROXY: '1' })).toBeDefined();
  expect(resolveProxy('none', false, { ...env, NODE_USE_ENV_PROXY: '1' })).toBeUndefined();
});
