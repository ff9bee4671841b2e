// Measures what coded bodies cost: gzip, br and zstd, of 1 MB and of 20 MB decoded, from nginx. First our installed command (dist/)
// against `curl --compressed`; then, in the library, the longest turn of the event loop, with and without a hash of the body.
// Needs nginx and GNU time. ROUNDS: how often (5).
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync, zstdCompressSync } from 'node:zlib';
import { createFetcher, type BodyReceiver, type BodyWriter } from '../src/index.ts';
import { builtCommand } from './built-command.ts';
import { machine } from './machine.ts';
import { firstInstalled, interleavePrograms, type Program } from './measured-process.ts';
import { startNginx, type Nginx } from './nginx.ts';

const rounds = Number(process.env['ROUNDS'] ?? 5);
const inFlight = '8';
const codings = ['gzip', 'br', 'zstd'] as const;
const sizes = [
  { name: '1m', bytes: 1_000_000, urls: 200 },
  { name: '20m', bytes: 20_000_000, urls: 10 },
] as const;

interface Workload {
  readonly coding: string;
  readonly size: (typeof sizes)[number];
  readonly urls: readonly string[];
}

const program = firstInstalled('decoding.ts', ['nginx', '/usr/sbin/nginx'], ['-v']);
if (program !== undefined) await measureAll(program);

async function measureAll(nginxProgram: string): Promise<void> {
  await using nginx = await startNginx(nginxProgram, 0);
  writeBodies(join(nginx.root, 'coded'));
  const workloads = codings.flatMap((coding) => sizes.map((size) => workload(nginx, coding, size)));
  console.log(machine());
  console.log(`${inFlight} in flight, median of ${rounds} rounds; ratios are ours to theirs, below 1 we are ahead\n`);
  const folder = mkdtempSync(join(tmpdir(), 'fetchmany-bench-'));
  for (const one of workloads) await againstCurl(one, folder);
  rmSync(folder, { recursive: true });
  console.log('\nlongest turn of the event loop, in CPU time of the main thread');
  for (const one of workloads) await longestTurns(one);
}

function workload({ httpPort }: Nginx, coding: string, size: Workload['size']): Workload {
  const urls = Array.from(
    { length: size.urls },
    (_, at) => `http://127.0.0.1:${httpPort}/coded/${coding}/${size.name}/${at}`,
  );
  return { coding, size, urls };
}

/** Writes each body in each coding, at the levels that servers use for files that they compress in passing. */
function writeBodies(folder: string): void {
  mkdirSync(folder);
  for (const { name, bytes } of sizes) {
    const body = Buffer.from(text(bytes), 'latin1');
    const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } };
    writeFileSync(join(folder, `${name}.gzip`), gzipSync(body, { level: 6 }));
    writeFileSync(join(folder, `${name}.br`), brotliCompressSync(body, quality));
    writeFileSync(join(folder, `${name}.zstd`), zstdCompressSync(body));
  }
}

/** Text that shrinks to about a quarter, as JSON of a real service does. */
function text(length: number): string {
  let state = 1;
  const random = (below: number): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
  const lines: string[] = [];
  let written = 0;
  while (written < length) {
    const line = `{"id":${random(1e9)},"name":"user ${random(1e4)}","score":${random(1000) / 10},"tags":["a${random(50)}","b"]}\n`;
    lines.push(line);
    written += line.length;
  }
  return lines.join('').slice(0, length);
}

async function againstCurl({ coding, size, urls }: Workload, folder: string): Promise<void> {
  const list = join(folder, 'urls.txt');
  const config = join(folder, 'urls.curl');
  writeFileSync(list, urls.map((url) => `${url}\n`).join(''));
  writeFileSync(config, urls.map((url) => `url = "${url}"\noutput = "/dev/null"\n`).join(''));
  const ours = [builtCommand(), '-i', list, '-c', inFlight, '--per-host', inFlight, '-j', '-q'];
  const programs: Program[] = [{ name: 'fetchmany', command: [process.execPath, ...ours] }];
  const line = String.raw`%{response_code} %{size_download}\n`;
  const flags = ['-q', '-s', '-Z', '--parallel-max', inFlight, '--compressed', '-w', line];
  if (firstInstalled('curl', ['curl'])) programs.push({ name: 'curl', command: ['curl', ...flags, '-K', config] });
  const rows = await interleavePrograms(programs, rounds, (output, { name }) => check(output, name, urls.length));
  for (const { name, wallMs, cpuMs, wallRatio, cpuRatio } of rows) {
    const figures = [`wall ` + figure(wallMs, wallRatio), `CPU ` + figure(cpuMs, cpuRatio)].join('   ');
    console.log(`${urls.length} of ${size.name}, ${coding.padEnd(4)}  ${name.padEnd(9)}  ${figures}`);
  }
}

async function check(output: string, name: string, urls: number): Promise<void> {
  const good = output.match(name === 'curl' ? /^200 \d+$/gm : /"ok":true/g)?.length ?? 0;
  if (good !== urls) throw new Error(`${name} got ${good} bodies of ${urls}: ${output.slice(0, 300)}`);
}

function figure(ms: number, ratio: number): string {
  return `${(ms / 1000).toFixed(2).padStart(6)} s ${(1 / ratio).toFixed(2).padStart(5)} x`;
}

async function longestTurns({ coding, size, urls }: Workload): Promise<void> {
  const counted = await longestTurnMs('discard', urls, size.bytes);
  const hashed = await longestTurnMs(hashBody, urls, size.bytes);
  const figures = `counted ${counted.toFixed(1)} ms, hashed ${hashed.toFixed(1)} ms`;
  console.log(`${urls.length} of ${size.name}, ${coding.padEnd(4)}  ${figures}`);
}

/** Returns the longest turn of the event loop of several runs; the first one, while code is compiled, does not count. */
async function longestTurnMs(
  responseBody: 'discard' | BodyReceiver,
  urls: readonly string[],
  bytes: number,
): Promise<number> {
  await using fetcher = createFetcher({ concurrency: 8, perHost: { concurrency: 8 }, responseBody });
  let longest = 0;
  let before = threadCpuUs();
  let isOver = false;
  const onTurn = (): void => {
    const now = threadCpuUs();
    longest = Math.max(longest, now - before);
    before = now;
    if (!isOver) setImmediate(onTurn);
  };
  setImmediate(onTurn);
  for (let round = 0; round <= rounds; round += 1) {
    for await (const result of fetcher.asCompleted(urls)) {
      if (result.kind !== 'response' || result.length !== bytes) throw new Error(`not whole: ${result.url}`);
    }
    if (round === 0) longest = 0;
  }
  isOver = true;
  return longest / 1000;
}

/** CPU time of this thread in microseconds: unlike a clock, it stands still while another program has the processor. */
function threadCpuUs(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}

/** Hashes each body as it arrives, which is what `--hash` and `--save` do. */
function hashBody(): BodyWriter {
  const hash = createHash('sha256');
  return {
    write(piece) {
      hash.update(piece);
      return true;
    },
    end: () => Promise.resolve(),
    commit: () => ({ sha256: hash.digest('hex') }),
    abort: () => undefined,
  };
}
