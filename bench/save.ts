// --save against `curl -Z --output-dir`: many small files and fewer large ones, from nginx, to the same disk.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { builtCommand } from './built-command.ts';
import { freePort } from '../test/helpers/servers/free-port.ts';
import { fileServerConfig } from './nginx.ts';
import { firstInstalled, interleavePrograms, type Program, type ProgramRow } from './measured-process.ts';

const rounds = Number(process.env['ROUNDS'] ?? 3);
const atOnce = '16';
const cases = [
  { name: '20,000 x 10 KB', count: 20_000, bytes: 10_000 },
  { name: '1,000 x 1 MB', count: 1000, bytes: 1_000_000 },
];

const nginx = firstInstalled('nginx', ['nginx', '/usr/sbin/nginx'], ['-v']);
const curl = firstInstalled('curl', ['curl']);
if (nginx !== undefined && curl !== undefined) await compare(nginx, curl);

async function compare(server: string, peer: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'fetchmany-save-'));
  // nginx may run its workers as another user.
  chmodSync(folder, 0o755);
  const port = await freePort();
  const child = spawn(server, ['-c', fileServerConfig(folder, port), '-e', join(folder, 'error.log')], {
    stdio: 'ignore',
  });
  try {
    await sleep(500);
    for (const { name, count, bytes } of cases) {
      const names = makeFiles(folder, count, bytes);
      console.log(`${name}, ${atOnce} at once, medians of ${rounds}:`);
      for (const row of await measure(folder, peer, { port, names, bytes })) print(row);
    }
  } finally {
    child.kill();
    rmSync(folder, { recursive: true });
  }
}

interface Files {
  readonly port: number;
  readonly names: readonly string[];
  readonly bytes: number;
}

function measure(folder: string, peer: string, { port, names, bytes }: Files): Promise<ProgramRow[]> {
  const list = join(folder, 'urls.txt');
  const config = join(folder, 'curl.txt');
  const urls = names.map((name) => `http://127.0.0.1:${port}/${name}`);
  writeFileSync(list, urls.join('\n'));
  writeFileSync(config, urls.map((url) => `url = "${url}"`).join('\n'));
  const targets = join(folder, `saved-${bytes}`);
  const target = join(targets, 'now');
  const ours = ['-i', list, '--save', target, '--save-as', '{path}', '-c', atOnce, '--per-host', atOnce, '-q'];
  const theirs = ['-sZ', '--parallel-max', atOnce, '--remote-name-all', '--create-dirs', '--output-dir', target];
  const programs: readonly Program[] = [
    { name: 'curl -Z', command: [peer, ...theirs, '-K', config] },
    {
      name: 'fetchmany --save',
      command: [process.execPath, builtCommand(), ...ours, '-o', '/dev/null', '--format', 'jsonl'],
    },
  ];
  let runs = 0;
  return interleavePrograms(programs, rounds, async (_, { name }) => {
    const whole = readdirSync(target).filter((file) => statSync(join(target, file)).size === bytes).length;
    // Removed at the end: for 5 s after files were deleted, ext4 makes new ones ten times as slowly.
    renameSync(target, join(targets, String((runs += 1))));
    if (whole < names.length) throw new Error(`${name} saved only ${whole} of ${names.length} files whole`);
  });
}

function makeFiles(folder: string, count: number, bytes: number): string[] {
  const root = join(folder, 'www');
  mkdirSync(root, { recursive: true });
  const names = Array.from({ length: count }, (_, at) => `${bytes}-${at}.bin`);
  for (const name of names) writeFileSync(join(root, name), randomBytes(bytes));
  return names;
}

function print({ name, wallMs, cpuMs, peakMB, wallRatio, cpuRatio }: ProgramRow): void {
  const wall = `${(wallMs / 1000).toFixed(2)} s (${wallRatio.toFixed(2)}x)`;
  const cpu = `${(cpuMs / 1000).toFixed(2)} s CPU (${cpuRatio.toFixed(2)}x)`;
  console.log(`  ${name.padEnd(18)} ${wall.padEnd(18)} ${cpu.padEnd(22)} ${peakMB.toFixed(0)} MB`);
}
