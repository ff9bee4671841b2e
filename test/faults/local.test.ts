import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { serveDns, zoneOf } from '../helpers/servers/dns-server.ts';
import { shellCli } from '../helpers/process/cli.ts';
import { moduleCommand, runShell, type Ended } from '../helpers/process/module.ts';
import { serve } from '../helpers/servers/serve.ts';
import { hasStrace } from '../helpers/process/tools.ts';

const count = 500;

const answerSoon = (response: ServerResponse): void => void setTimeout(() => response.end('ok'), 10);

interface SlowServer extends AsyncDisposable {
  readonly url: string;
  at(name: string): string;
  /** Returns the number of requests received. */
  count(): number;
}

/**
 * Starts a server that answers after a moment, so that many requests are in flight at once. It also listens on ::1: on
 * a busy machine a client may try the other address of `localhost` before the first one answers.
 */
async function startSlowServer(): Promise<SlowServer> {
  const server = await serve(answerSoon);
  let onIpv6 = 0;
  const other = createServer((_, response) => {
    onIpv6 += 1;
    answerSoon(response);
  });
  // Without IPv6 there is no second address to try.
  await once(other.listen(Number(new URL(server.url).port), '::1'), 'listening').catch(() => undefined);
  return {
    url: server.url,
    at: (name) => server.at(name),
    count: () => server.requests.length + onIpv6,
    async [Symbol.asyncDispose]() {
      other.close();
      other.closeAllConnections();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** A program that fetches `urls` with `fetcher`, and prints the outcomes and every warning. */
function fetchAll(urls: string, fetcher: string, before = ''): string {
  return moduleCommand(`
    import { createFetcher } from '#src/index.ts';
    ${before}
    const warnings = [];
    process.on('warning', ({ message }) => warnings.push(message));
    const fetcher = ${fetcher};
    const results = await fetcher.gather(${urls}, { returnExceptions: true });
    const outcomes = Map.groupBy(results, ({ kind, ok, error, attempts }) => [error ? error.code + ': ' + error.message : kind, ok, attempts].join());
    await fetcher.close();
    console.log(JSON.stringify({ outcomes: [...outcomes].map(([outcome, all]) => [outcome, all.length]), warnings }));
    process.exit();
  `);
}

/** Checks that all requests succeeded at the first attempt, and that one warning says that the run was slowed down. */
function expectAllWell({ stdout, stderr }: Ended, what: RegExp, urls = count): void {
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual({
    outcomes: [['response,true,1', urls]],
    warnings: [expect.stringMatching(what)],
  });
}

describe.skipIf(process.platform === 'win32')('I1 with 64 file descriptors', () => {
  const slowed = /no file descriptors left on this machine: slowing down/;

  test.each([1, 100])(`${count} URLs of %i hosts all succeed, with one warning`, async (hosts) => {
    await using server = await startSlowServer();
    const urls = `Array.from({ length: ${count} }, (_, at) => '${server.at('h')}/'.replace('h.', 'h' + (at % ${hosts}) + '.') + at)`;
    const program = fetchAll(
      urls,
      'createFetcher({ ...once, concurrency: 200, perHost: { concurrency: 200 } })',
      'const once = { retry: { retries: 0 } };',
    );
    expectAllWell(await runShell(`ulimit -n 64; ${program}`), slowed);
    expect(server.count()).toBe(count);
  });

  test('names that are looked up succeed too', async () => {
    await using server = await startSlowServer();
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
        import { createHttp1Transport } from '#src/transports/http1/http1.ts';
        const sources = { servers: ['${dns.address}'], hostsFile: '/nowhere/hosts', resolverFile: '/nowhere/resolv.conf' };
        const options = resolveOptions({ concurrency: 200 });
        const transport = createHttp1Transport(options, { lookup: new DnsLookup(sources) });
      `,
    );
    expectAllWell(await runShell(`ulimit -n 64; ${program}`), slowed);
  });

  test('the command succeeds, with a warning of one line', async () => {
    await using server = await startSlowServer();
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
  // With many hosts at one address, a released port is free again only after a second (TIME_WAIT).
  const runs: [urls: number, hosts: number][] = [
    [500, 1],
    [60, 60],
  ];
  test.for(runs)('%i URLs of %i hosts all succeed, with one warning', async ([urls, hosts], { skip }) => {
    skip(
      !(await succeeds('unshare -n ip link set lo up')),
      'no permission to create a network namespace here (unshare -n, ip)',
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
  test.for(cases)('with %s a few times, every URL still succeeds', async ([error, what], { skip }) => {
    skip(!hasStrace(), 'strace does not work here');
    await using server = await startSlowServer();
    const urls = `Array.from({ length: ${count} }, (_, at) => '${server.url}/' + at)`;
    const program = fetchAll(urls, 'createFetcher({ perHost: { concurrency: 50 } })');
    const inject = `-e trace=connect -e inject=connect:error=${error}:when=3..7`;
    expectAllWell(await runShell(`strace -qq -f -o /dev/null ${inject} ${program}`), what);
  });
});

async function succeeds(command: string): Promise<boolean> {
  return (await runShell(command)).code === 0;
}
