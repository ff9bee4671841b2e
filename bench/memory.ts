// Measures memory against the length of the list: URLs come from a pipe (the first argument is their number), records
// go to a file. After each fifth it prints the resident memory of the command and its peak.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBareServer } from './bare-server.ts';
import { builtCommand } from './built-command.ts';
import { machine } from './machine.ts';

const urls = Number(process.argv[2] ?? 1_000_000);
const parts = 5;
const linesPerWrite = 500;

await using server = await startBareServer(10);
const folder = mkdtempSync(join(tmpdir(), 'fetchmany-bench-'));
const output = join(folder, 'results.jsonl');
const command = spawn(process.execPath, [builtCommand(), '-i', '-', '--per-host', '50', '-o', output], {
  stdio: ['pipe', 'ignore', 'pipe'],
});
let said = '';
command.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));

console.log(machine('undici'));
console.log(
  `${urls} URLs of 1 KB from a pipe to JSONL, 10 hosts, 50 in flight: RSS, and its peak, once so many were read\n`,
);
const startedAt = performance.now();
let written = 0;
for (let part = 1; part <= parts; part += 1) {
  for (const end = (urls * part) / parts; written < end;) await write(Math.min(linesPerWrite, end - written));
  tell(written);
}
const exited = once(command, 'exit');
command.stdin.end();
await exited;
const lines = readFileSync(output).reduce((sum, byte) => sum + (byte === 10 ? 1 : 0), 0);
console.log(`\n${lines} records in ${((performance.now() - startedAt) / 1000).toFixed(1)} s; it said:\n${said}`);
rmSync(folder, { recursive: true });

async function write(count: number): Promise<void> {
  const text = Array.from({ length: count }, (_, at) => `${server.hosts[(written + at) % 10]}/0/${written + at}\n`);
  written += count;
  if (!command.stdin.write(text.join(''))) await once(command.stdin, 'drain');
}

function tell(read: number): void {
  const status = readFileSync(`/proc/${command.pid}/status`, 'utf8');
  const megabytes = (name: string): string => {
    const kilobytes = Number(new RegExp(`${name}:\\s*(\\d+)`).exec(status)?.[1]);
    return `${(kilobytes / 1000).toFixed(0).padStart(4)} MB`;
  };
  console.log(`${String(read).padStart(9)}  ${megabytes('VmRSS')}  ${megabytes('VmHWM')}`);
}
