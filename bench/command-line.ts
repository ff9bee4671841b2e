// Measures a list from the shell: URLs of 1 KB from one host (the first argument is their number), 50 in flight, one
// line of output for each. Compares the built command (dist/) with curl, wget2 and aiohttp, if installed.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBareServer } from './bare-server.ts';
import { builtCommand } from './built-command.ts';
import { machine } from './machine.ts';
import { firstInstalled, interleavePrograms, type Program } from './measured-process.ts';

const urls = Number(process.argv[2] ?? 20_000);
const rounds = 3;

await using server = await startBareServer(1);
const folder = mkdtempSync(join(tmpdir(), 'fetchmany-bench-'));
const list = Array.from({ length: urls }, (_, at) => `${server.hosts[0]}/0/${at}`);
const listFile = join(folder, 'urls.txt');
writeFileSync(listFile, list.map((url) => `${url}\n`).join(''));

function* programs(): Generator<Program> {
  yield {
    name: 'fetchmany',
    command: [process.execPath, builtCommand(), '-i', listFile, '-c', '50', '--per-host', '50', '-j', '-q'],
  };
  const curl = firstInstalled('curl', ['curl']);
  if (curl !== undefined) {
    const config = join(folder, 'curl.txt');
    writeFileSync(config, list.map((url) => `url = "${url}"\noutput = "/dev/null"\n`).join(''));
    const line = String.raw`%{response_code} %{size_download} %{time_total} %{url_effective}\n`;
    const flags = ['-q', '-s', '-Z', '--parallel-max', '50', '-w', line];
    yield { name: 'curl -Z --parallel-max 50', command: [curl, ...flags, '-K', config] };
  }
  const wget2 = firstInstalled('wget2', ['wget2']);
  if (wget2 !== undefined) {
    const flags = ['--no-config', '--max-threads=50', '--tries=1', '-q', '-O', '/dev/null'];
    yield { name: 'wget2 --max-threads=50', command: [wget2, ...flags, '-i', listFile] };
  }
  // Debian's aiohttp belongs to Debian's Python, which need not be the first in the path.
  const python = firstInstalled('aiohttp', ['python3', '/usr/bin/python3'], ['-c', 'import aiohttp']);
  if (python !== undefined) {
    const script = join(import.meta.dirname, 'aiohttp_gather.py');
    yield { name: 'aiohttp, gather', command: [python, script, listFile] };
  }
}

let requestsBefore = 0;

/** Each requests every URL once and prints one line for it, except for wget2, which prints nothing. */
async function check(output: string, { name }: Program): Promise<void> {
  const requests = await server.requests();
  if (requests - requestsBefore !== urls) throw new Error(`${name} made ${requests - requestsBefore} requests`);
  requestsBefore = requests;
  const lines = output.split('\n').length - 1;
  if (lines !== urls && !name.startsWith('wget2')) throw new Error(`${name} told ${lines} lines`);
}

console.log(machine('undici'));
const rows = await interleavePrograms([...programs()], rounds, check);
console.log(`\n${urls} URLs of 1 KB, 50 in flight, median of ${rounds} rounds, ratios to the first\n`);
for (const { name, wallMs, cpuMs, peakMB, wallRatio, cpuRatio } of rows) {
  const wall = `${(wallMs / 1000).toFixed(2).padStart(6)} s ${wallRatio.toFixed(2).padStart(5)} x`;
  const cpu = `${(cpuMs / 1000).toFixed(2).padStart(6)} s ${cpuRatio.toFixed(2).padStart(5)} x`;
  console.log(`${name.padEnd(26)} wall ${wall}   CPU ${cpu}   peak ${peakMB.toFixed(0).padStart(4)} MB`);
}
rmSync(folder, { recursive: true });
