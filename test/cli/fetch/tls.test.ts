import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { issue } from '../../helpers/servers/authority.ts';
import { runCli } from '../../helpers/process/cli.ts';
import { loopbackCertificate } from '../../helpers/servers/certificate.ts';
import { rawServer, send } from '../../helpers/servers/raw-server.ts';
import { respond, serve } from '../../helpers/servers/serve.ts';

const directory = mkdtempSync(join(tmpdir(), 'fetchmany-tls-'));
const own = await loopbackCertificate();
const other = await issue('other');
const answer = send('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');

function file(name: string, content: string | Uint8Array): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

const cert = file('cert.pem', own.cert);

test('-k warns on one line, even with -q; --cacert does not', async () => {
  await using server = await rawServer(answer, own);
  const [careless, strict, trusting] = await Promise.all([
    runCli(['-k', '-q', server.url, `${server.url}/2`]),
    runCli(['-j', '-q', server.url]),
    runCli(['--cacert', cert, '-q', server.url]),
  ]);
  expect([careless.code, careless.stderr]).toEqual([0, expect.stringMatching(/^fetchmany: WARNING: -k: .*\n$/)]);
  expect([strict.code, strict.stderr]).toEqual([1, '']);
  expect(JSON.parse(strict.stdout)).toMatchObject({ attempts: 1, error: { code: 'TLS_SELF_SIGNED' } });
  expect([trusting.code, trusting.stderr]).toEqual([0, '']);
});

test('NODE_TLS_REJECT_UNAUTHORIZED=0 only causes a warning', async () => {
  await using server = await rawServer(answer, own);
  const { stdout, stderr } = await runCli(['-q', '-j', server.url], { env: { NODE_TLS_REJECT_UNAUTHORIZED: '0' } });
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'TLS_SELF_SIGNED' } });
  expect(stderr).toMatch(/^fetchmany: WARNING: NODE_TLS_REJECT_UNAUTHORIZED=0 has no effect.*\n$/);
});

const notOne = '-----BEGIN CERTIFICATE-----\nbm90IG9uZQ==\n-----END CERTIFICATE-----\n';

test.each<[name: string, flags: readonly string[], code: number]>([
  ['a --cacert that does not exist', ['--cacert', join(directory, 'none.pem')], 3],
  ['a directory for --cacert', ['--cacert', directory], 3],
  ['an empty --cacert', ['--cacert', file('empty.pem', '')], 2],
  ['a --cacert of garbage', ['--cacert', file('garbage.pem', Buffer.alloc(5000, 0xa5))], 2],
  ['a --cacert of 10 MB', ['--cacert', file('large.pem', Buffer.alloc(10_000_000, '# no certificate\n'))], 2],
  ['a --cacert that only looks like a certificate', ['--cacert', file('not-one.pem', notOne)], 2],
  [
    'a --cacert with one part that only looks like a certificate',
    ['--cacert', file('mixed.pem', `${own.cert}\n${notOne}`)],
    2,
  ],
  ['a --cert without its --key', ['--cert', cert], 2],
  ['a --key that does not exist', ['--cert', cert, '--key', join(directory, 'none.key')], 3],
  ['a --key of garbage', ['--cert', cert, '--key', file('garbage.key', 'x'.repeat(500))], 2],
  ['the --key of another certificate', ['--cert', cert, '--key', file('other.key', other.key)], 2],
])('%s is reported on one line before anything is sent', async (_, flags, code) => {
  await using healthy = await serve(respond(200));
  const run = await runCli([...flags, healthy.url]);
  expect([run.code, run.stdout]).toEqual([code, '']);
  expect(run.stderr).toMatch(/^fetchmany: [^\n]+\n$/);
  expect(healthy.requests).toEqual([]);
});
