import { createServer } from 'node:http';
import { describe, expect, test } from 'vitest';
import { planOf } from '../../../helpers/plan-of.ts';
import { readNetwork } from '../../../../cli/fetch/network/network-options.ts';
import { fetchFlags } from '../../../../cli/fetch/fetch-flags.ts';
import { readFlags } from '../../../../cli/flags/flags.ts';
import { resumeCommand } from '../../../../cli/fetch/resume-command.ts';
import { httpProxy } from '../../../helpers/proxies/http-proxy.ts';
import { runCli } from '../../../helpers/process/cli.ts';
import { temporary } from '../../../helpers/temporary.ts';
import { loopbackCertificate } from '../../../helpers/servers/certificate.ts';
import { respond, serve } from '../../../helpers/servers/serve.ts';

const files = temporary('network');
const { cert: certificate } = await loopbackCertificate();

const network = (argv: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  readNetwork(readFlags(argv, fetchFlags), env);

describe('readNetwork()', () => {
  test.each<[readonly string[], Readonly<Record<string, string>>, object]>([
    [[], {}, { proxy: { url: 'environment' } }],
    [['-x', 'p:1'], { no_proxy: 'a' }, { proxy: { url: 'p:1', noProxy: 'a' } }],
    [['-xp:1', '--noproxy', ''], { no_proxy: 'a' }, { proxy: { url: 'p:1', noProxy: '' } }],
    [['--proxy=none'], { http_proxy: 'p' }, { proxy: { url: 'none', noProxy: '' } }],
    [['-x', ''], {}, { proxy: { url: '', noProxy: '' } }],
    [['--noproxy', 'b'], { http_proxy: 'p' }, { proxy: { url: 'environment', noProxy: 'b' } }],
    [
      ['--proxytunnel', '--ca', 'system'],
      { all_proxy: 'p' },
      { proxy: { url: 'environment', tunnel: true, ca: 'system' } },
    ],
    [
      [
        '--resolve',
        'a:80:127.0.0.1',
        '--resolve',
        'b:80:[::1]',
        '--connect-to',
        '::c:',
        '--dns-servers',
        '1.1.1.1, [::1]:53',
      ],
      {},
      {
        proxy: { url: 'environment' },
        connect: {
          resolve: ['a:80:127.0.0.1', 'b:80:[::1]'],
          connectTo: ['::c:'],
          dnsServers: ['1.1.1.1', '[::1]:53'],
        },
      },
    ],
    [
      ['--unix-socket', '/a', '--interface', 'lo'],
      { http_proxy: 'p' },
      { proxy: 'none', connect: { unixSocket: '/a', interface: 'lo' } },
    ],
  ])('of %j with %j', (argv, env, options) => {
    expect(network(argv, env)).toEqual(options);
  });

  test.each<[readonly string[], Readonly<Record<string, string>>, string]>([
    [['-x', 'ftp://u:secret@p'], {}, '--proxy must begin with http://'],
    [['-x', 'http://u:sec#ret@p'], {}, '--proxy must be a URL'],
    [[], { https_proxy: 'ftp://u:secret@p' }, 'the environment variable https_proxy must begin with'],
    [['--block-private'], { all_proxy: 'p' }, '--block-private cannot be kept by the proxy http://p:80'],
    [['--resolve', 'a:b:c'], {}, '--resolve must be HOST:PORT:ADDRESS'],
    [['--resolve', 'a:80:b'], {}, '--resolve must be'],
    [['--resolve', 'a:0:127.0.0.1'], {}, '--resolve must be'],
    [['--connect-to', 'a:b'], {}, '--connect-to must be HOST1:PORT1:HOST2:PORT2'],
    [['--connect-to', 'a:99999:b:1'], {}, '--connect-to must be'],
    [['--interface', 'nosuch0'], {}, '--interface must be an address or an interface of this machine'],
    [['--interface', '192.0.2.1'], {}, '--interface must be'],
    [['--dns-servers', 'dns.example'], {}, '--dns-servers must be addresses'],
    [['--ca', 'mine'], { all_proxy: 'p' }, '--ca must be one of system'],
    [['--unix-socket', '/a', '-x', 'p'], {}, '--unix-socket and --proxy cannot be combined'],
    [['--unix-socket', '/a', '--block-private'], {}, '--unix-socket and --block-private cannot be combined'],
    [['--proxy-cacert', '/etc/hostname'], {}, '--proxy-cacert must be a PEM file'],
  ])('refuses %j with %j in words of the command line', (argv, env, message) => {
    expect(() => network(argv, env)).toThrow(message);
    expect(() => network(argv, env)).not.toThrow(/secret|sec#ret/);
  });
});

test('SSL_CERT_FILE is read where --cacert is not given, and named where it is wrong', () => {
  const tlsWith = (SSL_CERT_FILE: string, ...argv: string[]) => {
    const plan = planOf([...argv, 'http://a/'], { SSL_CERT_FILE });
    return typeof plan === 'string' ? undefined : plan.fetcher.tls;
  };
  const file = files.file(certificate, '.pem');
  const message = 'SSL_CERT_FILE must be a PEM file of certificates';
  for (const wrong of [files.file('no certificate'), '/nowhere/ca.pem']) {
    expect(() => tlsWith(wrong)).toThrow(message);
    expect(tlsWith(wrong, '--cacert', file)).toEqual({ ca: Buffer.from(certificate) });
  }
  expect(tlsWith(file)).toEqual({ ca: Buffer.from(certificate) });
  expect(tlsWith(file, '--ca', 'system')).toEqual({ ca: 'system' });
  expect(tlsWith('', '--ca', 'system', '--cacert', file)).toEqual({ ca: ['system', Buffer.from(certificate)] });
  expect(tlsWith('')).toEqual({});
});

test('resumeCommand() shows no password of a proxy', () => {
  const command = resumeCommand('fetchmany', [
    '-x',
    'socks5h://me:canary@p:1',
    '--proxy=http://me:canary@p',
    '-x',
    'me:canary@p',
  ]);
  expect(command).not.toContain('canary');
  // Copied as it is, it would ask the proxy with stars for a password.
  expect(() => planOf(['-x', 'http://me:***@p', 'http://a/'], {})).toThrow('still contains the placeholder ***');
});

test('the command takes its proxy from the environment, and shows no secret of it', async () => {
  await using server = await serve(respond(200));
  await using proxy = await httpProxy({ login: 'me:canary' });
  const url = server.at('a');
  const env = { http_proxy: proxy.url.replace('//', '//me:canary@'), no_proxy: 'b.localhost' };
  const { stdout, stderr, code } = await runCli(['-j', '-v', url, server.at('b')], { env });
  expect(code).toBe(0);
  const records = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { url: string; proxy?: string });
  expect(new Map(records.map((record) => [record.url, record.proxy]))).toEqual(
    new Map([
      [url, proxy.url],
      [server.at('b'), undefined],
    ]),
  );
  expect(stdout + stderr).not.toContain('canary');
  expect(proxy.requests).toHaveLength(1);
});

test("a row's own proxy is used, and its secret is in no record", async () => {
  await using server = await serve(respond(200));
  await using proxy = await httpProxy({ login: 'me:canary' });
  const row = { url: server.at('a'), proxy: proxy.url.replace('//', '//me:canary@'), note: 'x' };
  const input = `${JSON.stringify(row)}\n${JSON.stringify({ url: server.at('b'), proxy: 'ftp://me:canary@p' })}\n`;
  const { stdout, stderr } = await runCli(['-j', '--input-format', 'jsonl'], { input });
  expect(stdout).toContain(`"proxy":"${proxy.url}"`);
  expect(stdout).toContain('REQUEST_INVALID');
  expect(stdout + stderr).not.toContain('canary');
  expect(proxy.requests).toHaveLength(1);
});

test('--unix-socket connects to a socket of this machine', async () => {
  const path = files.path('.sock');
  const server = createServer((request, response) => response.end(`${request.headers.host}${request.url}`));
  await new Promise<void>((done) => server.listen(path, done));
  try {
    const { stdout } = await runCli(['-j', '--include-body=text', '--unix-socket', path, 'http://docker/info']);
    expect(JSON.parse(stdout)).toMatchObject({ status: 200, body: 'docker/info' });
  } finally {
    server.close();
  }
});
