// Saves 2,000 files of all kinds from nginx while the command is killed ten times, compares them with sha256sum, changes a third of
// them, runs again with --if-changed, and asks `fetchmany diff` which. Exits with 1 if anything is not as it was.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { builtCommand } from './built-command.ts';
import { firstInstalled } from './measured-process.ts';
import { freePort } from '../test/helpers/servers/free-port.ts';
import { fileServerConfig } from './nginx.ts';

const count = Number(process.argv[2] ?? 2000);
/** The independent judge. */
const sha256sum = '/usr/bin/sha256sum';
const kills = Number(process.argv[3] ?? 10);

const program = firstInstalled('nginx', ['nginx', '/usr/sbin/nginx'], ['-v']);

interface SavedRecord {
  readonly url: string;
  readonly ok: boolean;
  readonly file: string;
  readonly sha256: string;
  readonly unchanged?: true;
  readonly resumedFrom?: number;
}

async function prove(nginx: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'fetchmany-real-'));
  // nginx may run its workers as another user.
  chmodSync(folder, 0o755);
  const port = await freePort();
  const names = makeFiles(join(folder, 'www'));
  const server = spawn(
    nginx,
    ['-c', fileServerConfig(folder, port, `${types} ${coding} ${slow}`), '-e', join(folder, 'error.log')],
    { stdio: 'ignore' },
  );
  try {
    await sleep(500);
    const list = join(folder, 'urls.txt');
    writeFileSync(list, names.map((name) => `http://127.0.0.1:${port}/${encodeURI(name)}`).join('\n'));
    const [old, now] = [join(folder, 'old.jsonl'), join(folder, 'new.jsonl')];
    const saving = ['-i', list, '--save', join(folder, 'saved'), '-q', '--per-host', '20'];
    const done = await saveThroughKills([...saving, '-o', old, '--resume'], old);
    const records = readRecords(old);
    const resumed = records.filter(({ resumedFrom }) => resumedFrom !== undefined).length;
    console.log(`killed when there were ${done.join(', ')} records; ${resumed} bodies were continued`);
    compare(folder, records, names);

    const changed = names.filter((_, at) => at % 3 === 1);
    for (const name of changed) change(join(folder, 'www', name));
    run([...saving, '-o', now, '--if-changed', old]);
    compare(folder, readRecords(now), names);
    const isUnchanged = readRecords(now).filter(({ unchanged }) => unchanged).length;
    const diff = spawnSync(process.execPath, [builtCommand(), 'diff', old, now, '--format', 'json'], {
      encoding: 'utf8',
    });
    // How fast it was is no difference here.
    const told = (JSON.parse(diff.stdout) as { kind: string; url: string }[])
      .filter(({ kind }) => kind !== 'slower')
      .map(({ kind, url }) => `${kind} ${nameOf(url)}`);
    requireEqual('what diff tells', told.sort(), changed.map((name) => `content ${name}`).sort());
    requireEqual('unchanged', isUnchanged, names.length - changed.length);
    console.log(`${changed.length} changed, and diff tells exactly those; ${isUnchanged} are unchanged`);
  } finally {
    server.kill();
    rmSync(folder, { recursive: true });
  }
}

/** Runs the command again and again, and kills it each time but the last. Returns how many records there were at each kill. */
async function saveThroughKills(args: readonly string[], output: string): Promise<number[]> {
  const done: number[] = [];
  while (done.length < kills) {
    const child = spawn(process.execPath, [builtCommand(), ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
    const ended = new Promise((resolve) => child.on('exit', resolve));
    const wanted = Math.round((count * (done.length + 0.5)) / (kills + 1));
    while (child.exitCode === null && linesOf(output) < wanted) await sleep(20);
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode} before it was killed`);
    child.kill('SIGKILL');
    await ended;
    done.push(linesOf(output));
  }
  run(args);
  return done;
}

function linesOf(path: string): number {
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').length - 1 : 0;
}

function run(args: readonly string[]): void {
  execFileSync(process.execPath, [builtCommand(), ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
}

function readRecords(path: string): SavedRecord[] {
  return readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as SavedRecord);
}

/** Compares what was saved, what the records say and what the server has, by sha256sum. */
function compare(folder: string, records: readonly SavedRecord[], names: readonly string[]): void {
  requireEqual('one record for each', records.map(({ url }) => nameOf(url)).sort(), names.toSorted());
  const served = checksums(join(folder, 'www'), names);
  const saved = checksums(
    join(folder, 'saved'),
    records.map(({ file }) => file),
  );
  for (const [at, { url, sha256 }] of records.entries()) {
    const expected = served[names.indexOf(nameOf(url))];
    if (sha256 !== expected || saved[at] !== expected) throw new Error(`${url} is not what the server has`);
  }
  console.log(`${records.length} checksums are those of sha256sum`);
}

function nameOf(url: string): string {
  return decodeURI(new URL(url).pathname.slice(1));
}

function checksums(folder: string, names: readonly string[]): string[] {
  const lines = execFileSync(sha256sum, ['-z', '--', ...names], { cwd: folder, encoding: 'utf8', maxBuffer: 1e8 });
  return lines
    .split('\0')
    .slice(0, -1)
    .map((line) => line.slice(0, 64));
}

/** Text and binary, empty and some megabytes long, in folders, with names that have to be encoded. */
function makeFiles(root: string): string[] {
  const kinds = ['html', 'json', 'txt', 'bin', 'css', ''];
  const names = Array.from({ length: count }, (_, at) => {
    const kind = kinds[at % kinds.length]!;
    const stem = ['page', 'ein Bild', '日本', 'a+b', 'A'][at % 5]!;
    return `${at % 40}/${stem} ${at}${kind === '' ? '' : `.${kind}`}`;
  });
  for (const [at, name] of names.entries()) {
    const size = at % 100 === 0 ? 0 : at % 50 === 1 ? 5_000_000 : (at * 7919) % 200_000;
    const path = join(root, name);
    mkdirSync(dirname(path), { recursive: true });
    const isBinary = name.endsWith('.bin') || !name.includes('.');
    writeFileSync(path, isBinary ? randomBytes(size) : `line ${at}\n`.repeat(size / 10));
    // Old enough for its date to be a validator.
    utimesSync(path, 1_700_000_000 + at, 1_700_000_000 + at);
  }
  return names;
}

function change(path: string): void {
  const { mtimeMs } = statSync(path);
  writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.from('changed')]));
  utimesSync(path, mtimeMs / 1000 + 3600, mtimeMs / 1000 + 3600);
}

const types =
  'types { text/html html; application/json json; text/plain txt; text/css css; } default_type application/octet-stream;';
const coding = 'gzip on; gzip_types application/json text/plain text/css;';
/** Slows bodies down, so that a kill interrupts some of them. */
const slow = 'limit_rate 1m;';

function requireEqual(what: string, actual: unknown, expected: unknown): void {
  if (JSON.stringify(actual) !== JSON.stringify(expected)) {
    throw new Error(
      `${what}: ${JSON.stringify(actual).slice(0, 500)} is not ${JSON.stringify(expected).slice(0, 500)}`,
    );
  }
}

if (program !== undefined) await prove(program);
