import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { serveDns, zoneOf } from '../helpers/servers/dns-server.ts';
import { shellCli } from '../helpers/process/cli.ts';
import { moduleCommand, runShell, type Ended } from '../helpers/process/module.ts';
import { serve, type ScriptedServer } from '../helpers/servers/serve.ts';
import { hasStrace } from '../helpers/process/tools.ts';

const count = 500;

/** Answers after a moment, so that many are in flight at once. */
const slowServer = (): Promise<ScriptedServer> => serve((response) => void setTimeout(() => response.end('ok'), 10));

/** A program that fetches `urls` with `fetcher`, and prints what came of it and every warning. */
function fetchAll(urls: string, fetcher: string, before = ''): string {
  return moduleCommand(`
    import { createFetcher } from '#src/fetcher/fetcher.ts';
    ${before}
    const warnings = [];
    process.on('warning', ({ message }) => warnings.push(message));
    const fetcher = ${fetcher};
    const results = await fetcher.gather(${urls}, { returnExceptions: true });
    const outcomes = Map.groupBy(results, ({ kind, ok, error, attempts }) => [error?.code ?? kind, ok, attempts].join());
    await fetcher.close();
    console.log(JSON.stringify({ outcomes: [...outcomes].map(([outcome, all]) => [outcome, all.length]), warnings }));
    process.exit();
  `);
}

/** All are well, each at its first try, and one warning says that it was slower than it might have been. */
function expectAllWell({ stdout, stderr }: Ended, what: RegExp, urls = count): void {
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual({
    outcomes: [['response,true,1', urls]],
    warnings: [expect.stringMatching(what)],
  });
}

describe.skipIf(process.platform === 'win32')('I1 with 64 file descriptors', () => {
  const slowed = /no file descriptors left on this machine: slowing down/;

  test.each([1, 100])(`${count} URLs of %i hosts all end well, with one warning`, async (hosts) => {
    await using server = await slowServer();
    const urls = `Array.from({ length: ${count} }, (_, at) => '${server.at('h')}/'.replace('h.', 'h' + (at % ${hosts}) + '.') + at)`;
    const program = fetchAll(urls, 'createFetcher({ concurrency: 200, perHost: { concurrency: 200 } })');
    expectAllWell(await runShell(`ulimit -n 64; ${program}`), slowed);
    expect(server.requests).toHaveLength(count);
  });

  test('names that are looked up end well too', async () => {
    await using server = await slowServer();
    await using dns = await serveDns(
      zoneOf(Object.fromEntries(Array.from({ length: count }, (_, at) => [`h${at}.test`, ['127.0.0.1']]))),
    );
    const { port } = new URL(server.url);
    const program = fetchAll(
      `Array.from({ length: ${count} }, (_, at) => 'http://h' + at + '.test:${port}/')`,
      'createFetcherOver(transport, options)',
      `
        import { createFetcherOver } from '#src/fetcher/fetcher.ts';
        import { resolveOptions } from '#src/fetcher/options.ts';
        import { DnsLookup } from '#src/transports/connect/dns/lookup.ts';
        import { createUndiciTransport } from '#src/transports/undici/undici.ts';
        const sources = { servers: ['${dns.address}'], hostsFile: '/nowhere/hosts', resolverFile: '/nowhere/resolv.conf' };
        const options = resolveOptions({ concurrency: 200 });
        const transport = createUndiciTransport(options, { lookup: new DnsLookup(sources) });
      `,
    );
    expectAllWell(await runShell(`ulimit -n 64; ${program}`), slowed);
  });

  test('the command line ends well, and says it on one line', async () => {
    await using server = await slowServer();
    const directory = mkdtempSync(join(tmpdir(), 'fetchmany-local-'));
    const list = join(directory, 'urls.txt');
    writeFileSync(list, Array.from({ length: count }, (_, at) => `${server.at(`h${at % 100}`)}/${at}\n`).join(''));
    const { code, stdout, stderr } = await runShell(`ulimit -n 64; ${shellCli} -j -c 200 --per-host 200 -i ${list}`);
    const records = stdout.trimEnd().split('\n').map(parseRecord);
    expect(records.filter(({ ok, attempts }) => ok && attempts === 1)).toHaveLength(count);
    expect([code, stderr.match(/^.*slowing down.*$/gm)]).toEqual([0, [expect.stringMatching(/^fetchmany: WARNING: /)]]);
    expect(stderr).toMatch(/^fetchmany: WARNING: [^\n]*\n500 URLs in [^\n]*: 500 ok\n(  [^\n]+\n)+$/);
  });
});

function parseRecord(line: string): { readonly ok: boolean; readonly attempts: number } {
  return JSON.parse(line) as { readonly ok: boolean; readonly attempts: number };
}

describe('I2 with 31 local ports', () => {
  // Of many hosts at one address a port that is let go of is free again after a second only (TIME_WAIT).
  const runs: [urls: number, hosts: number][] = [
    [500, 1],
    [60, 60],
  ];
  test.for(runs)('%i URLs of %i hosts all end well, with one warning', async ([urls, hosts], { skip }) => {
    skip(
      !(await succeeds('unshare -n ip link set lo up')),
      'there is no right to make a network of its own here (unshare -n, ip)',
    );
    const program = fetchAll(
      `Array.from({ length: ${urls} }, (_, at) => 'http://h' + (at % ${hosts}) + '.localhost:' + port + '/' + at)`,
      'createFetcher({ concurrency: 200, perHost: { concurrency: 200 } })',
      `
        import { createServer } from 'node:http';
        const server = createServer({ keepAliveTimeout: 60_000 }, (_, response) => setTimeout(() => response.end('ok'), 10));
        await new Promise((resolve) => server.listen(30_000, '127.0.0.1', resolve));
        const { port } = server.address();
      `,
    );
    const setUp = 'ip link set lo up; echo 40000 40030 > /proc/sys/net/ipv4/ip_local_port_range; exec "$@"';
    expectAllWell(
      await runShell(`unshare -n bash -c '${setUp}' - ${program}`),
      /no local ports left on this machine: slowing down/,
      urls,
    );
  });
});

describe('I3 when connect() fails', () => {
  const cases: [error: string, what: RegExp][] = [
    ['EMFILE', /no file descriptor/],
    ['ENFILE', /no file descriptor/],
    ['ENOBUFS', /not enough memory/],
    ['ENOMEM', /not enough memory/],
    ['EADDRNOTAVAIL', /no local port/],
  ];
  test.for(cases)('with %s a few times, no URL pays for it', async ([error, what], { skip }) => {
    skip(!hasStrace(), 'there is no strace that works here');
    await using server = await slowServer();
    const urls = `Array.from({ length: ${count} }, (_, at) => '${server.url}/' + at)`;
    const program = fetchAll(urls, 'createFetcher({ perHost: { concurrency: 50 } })');
    const inject = `-e trace=connect -e inject=connect:error=${error}:when=3..7`;
    expectAllWell(await runShell(`strace -qq -f -o /dev/null ${inject} ${program}`), what);
  });
});

async function succeeds(command: string): Promise<boolean> {
  return (await runShell(command)).code === 0;
}
