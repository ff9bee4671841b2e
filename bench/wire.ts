// Measures the cost of the wire: eight workloads from nginx, 50 in flight. Compares our installed command (dist/) with curl and
// wget2 with their best flags, and with a bare loop over undici's `dispatch`, or over `node:http2`. Arguments: names of workloads; all of them by
// default. Needs nginx and GNU time.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtCommand } from './built-command.ts';
import { machine } from './machine.ts';
import { firstInstalled, interleavePrograms, type Program } from './measured-process.ts';
import { startNginx, type Nginx } from './nginx.ts';

const inFlight = '50';
const rounds = 3;
const files = 20_000;

interface Workload {
  readonly name: string;
  readonly urls: number;
  readonly isHttp2?: true;
  url(nginx: Nginx, at: number): string;
}

const tlsHost = 'https://127.0.0.1';
/** The address of a host: each is an origin of its own. */
const host = (at: number): string => `127.1.${at >> 8}.${at & 255}`;

const workloads: readonly Workload[] = [
  { name: '1k', urls: files, url: ({ httpPort }, at) => `http://127.0.0.1:${httpPort}/1k/${at}` },
  { name: '1k-tls', urls: 10_000, url: ({ httpsPort }, at) => `${tlsHost}:${httpsPort}/1k/${at}` },
  {
    name: '1k-http2',
    urls: 10_000,
    isHttp2: true,
    url: ({ http2Port }, at) => `${tlsHost}:${http2Port}/1k/${at}`,
  },
  { name: '1m', urls: 600, url: ({ httpPort }, at) => `http://127.0.0.1:${httpPort}/1m/${at}` },
  { name: '1m-tls', urls: 300, url: ({ httpsPort }, at) => `${tlsHost}:${httpsPort}/1m/${at}` },
  { name: '1m-http2', urls: 300, isHttp2: true, url: ({ http2Port }, at) => `${tlsHost}:${http2Port}/1m/${at}` },
  { name: 'hosts', urls: 4000, url: ({ httpPort }, at) => `http://${host(at)}:${httpPort}/1k/${at}` },
  { name: 'hosts-tls', urls: 1500, url: ({ httpsPort }, at) => `https://${host(at)}:${httpsPort}/1k/${at}` },
];

const wanted = process.argv.slice(2);
const program = firstInstalled('wire.ts', ['nginx', '/usr/sbin/nginx'], ['-v']);
if (program !== undefined) await measureAll(program);

async function measureAll(nginxProgram: string): Promise<void> {
  await using nginx = await startNginx(nginxProgram, files);
  const folder = mkdtempSync(join(tmpdir(), 'fetchmany-bench-'));
  const tools = { curl: firstInstalled('curl', ['curl']), wget2: firstInstalled('wget2', ['wget2']) };
  console.log(machine('undici'));
  console.log(`${inFlight} in flight, median of ${rounds} rounds; ratios are ours to theirs, below 1 we are ahead\n`);
  for (const workload of workloads) {
    if (wanted.length > 0 && !wanted.includes(workload.name)) continue;
    await measure(workload, nginx, [...programs(workload, nginx, folder, tools)]);
  }
  rmSync(folder, { recursive: true });
}

function* programs(
  workload: Workload,
  nginx: Nginx,
  folder: string,
  { curl, wget2 }: { readonly curl: string | undefined; readonly wget2: string | undefined },
): Generator<Program> {
  const list = Array.from({ length: workload.urls }, (_, at) => workload.url(nginx, at));
  const listFile = join(folder, `${workload.name}.txt`);
  writeFileSync(listFile, list.map((url) => `${url}\n`).join(''));
  const ours = [
    '-i',
    listFile,
    '-c',
    inFlight,
    '--per-host',
    inFlight,
    '-k',
    '-j',
    '-q',
    ...(workload.isHttp2 ? ['--http2'] : []),
  ];
  yield { name: 'fetchmany', command: [process.execPath, builtCommand(), ...ours] };
  if (curl !== undefined) {
    const config = join(folder, `${workload.name}.curl`);
    writeFileSync(config, list.map((url) => `url = "${url}"\noutput = "/dev/null"\n`).join(''));
    const line = String.raw`%{response_code} %{size_download} %{time_total} %{url_effective}\n`;
    const flags = ['-q', '-s', '-k', '-Z', '--parallel-max', inFlight, '-w', line];
    yield { name: 'curl -Z', command: [curl, ...flags, '-K', config] };
  }
  // Over HTTP/2, wget2 1.99 loses the requests that nginx leaves unanswered when it ends a connection after 1,000.
  if (wget2 !== undefined && !workload.isHttp2) {
    const flags = [
      '--no-config',
      `--max-threads=${inFlight}`,
      '--tries=1',
      '--no-check-certificate',
      '--no-hsts',
      '-q',
    ];
    yield { name: 'wget2', command: [wget2, ...flags, '-O', '/dev/null', '-i', listFile] };
  }
  const [name, file] = workload.isHttp2 ? ['node:http2', 'bare-http2.ts'] : ['undici, dispatch', 'bare-client.ts'];
  yield { name, command: [process.execPath, join(import.meta.dirname, file), listFile] };
}

async function measure({ name, urls }: Workload, nginx: Nginx, all: readonly Program[]): Promise<void> {
  let before = await nginx.requests();
  const rows = await interleavePrograms(all, rounds, async (output, { name: of }) => {
    const requests = await nginx.requests();
    if (requests - before - 1 !== urls) throw new Error(`${of} made ${requests - before - 1} requests of ${urls}`);
    before = requests;
    const lines = output.split('\n').length - 1;
    if (lines !== urls && of !== 'wget2') throw new Error(`${of} told ${lines} lines of ${urls}`);
    const failed = /"ok":false|^[045]\d\d /m.exec(output);
    if (failed) throw new Error(`${of} failed: ${output.slice(failed.index, failed.index + 300)}`);
  });
  console.log(`${name}: ${urls} URLs`);
  for (const row of rows) {
    const wall = `${(row.wallMs / 1000).toFixed(2).padStart(6)} s ${(1 / row.wallRatio).toFixed(2).padStart(5)} x`;
    const cpu = `${(row.cpuMs / 1000).toFixed(2).padStart(6)} s ${(1 / row.cpuRatio).toFixed(2).padStart(5)} x`;
    console.log(`  ${row.name.padEnd(17)} wall ${wall}   CPU ${cpu}   peak ${row.peakMB.toFixed(0).padStart(4)} MB`);
  }
}
