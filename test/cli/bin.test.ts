import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { commands } from '../../cli/commands.ts';
import { version } from '../../src/version.ts';
import { binPath, runCli, shellCli } from '../helpers/process/cli.ts';
import { runShell } from '../helpers/process/module.ts';

/** A module that a process loads before anything else. */
const preload = (source: string): Record<string, string> => ({
  NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(source)}`,
});

test.each(['12.22.0', '20.20.2', '22.18.9'])(
  'fetchmany on Node %s says on one line that it is too old',
  async (old) => {
    const env = preload(`Object.defineProperty(process, 'versions', { value: { node: '${old}' } })`);
    const { code, stdout, stderr } = await runCli(['--version'], { env });
    expect([code, stdout, stderr]).toEqual([1, '', `fetchmany needs Node.js >= 22.19, this is v${old}\n`]);
  },
);

test.each(['22.19.0', '23.0.0', '26.1.0'])('fetchmany runs on Node %s', async (fit) => {
  const env = preload(`Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${fit}' } })`);
  expect(await runCli(['--version'], { env })).toMatchObject({ code: 0, stdout: `${version}\n` });
});

test('bin.ts has nothing in it that an old Node could not read', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'fetchmany-bin-')), 'bin.mjs');
  const source = readFileSync(binPath, 'utf8');
  expect(source).not.toMatch(/^import /m);
  // It is JavaScript as it stands, without its types taken off.
  writeFileSync(path, source);
  execFileSync(process.execPath, ['--check', path]);
});

test('fetchmany --help and --version go to standard output, whatever else is asked for', async () => {
  for (const args of [['--help'], ['-h', 'http://127.0.0.1:1/'], ['-i', '/none', '--help']]) {
    const { code, stdout, stderr } = await runCli(args);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^Usage: fetchmany /);
  }
  expect(await runCli(['--version'])).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' });
  expect((await runCli(['demo', '--help'])).stdout).toMatch(/^Usage: fetchmany demo/);
  expect((await runCli(['serve', '-h'])).stdout).toMatch(/^Usage: fetchmany serve/);
});

test('fetchmany --help works without a home, in any directory, and with nobody to read it', async () => {
  expect(await runCli(['--help'], { cwd: '/', env: { HOME: '' } })).toMatchObject({ code: 0, stderr: '' });
  expect(await runShell(`${shellCli} --help | true; exit \${PIPESTATUS[0]}`)).toMatchObject({ code: 0, stderr: '' });
});

test.each([
  [['--concurency', '5'], 'fetchmany: Unknown option --concurency; did you mean --concurrency?\n'],
  [['-c', '0'], 'fetchmany: --concurrency must be a whole number of at least 1, such as --concurrency 50: got "0"\n'],
  [['-c'], 'fetchmany: -c needs a value; see fetchmany --help\n'],
  [['serve', '--prot', '1'], 'fetchmany: Unknown option --prot; did you mean --port?\n'],
  [
    ['serve', '--port', '65536'],
    'fetchmany: --port must be a port from 0 to 65535, such as --port 8080: got "65536"\n',
  ],
  [['serve', 'x'], 'fetchmany: serve takes no "x"; see fetchmany serve --help\n'],
  [
    ['serve', '--host', '203.0.113.7'],
    'fetchmany: --host must be an address of this machine, such as --host 127.0.0.1: got "203.0.113.7"\n',
  ],
  [['demo', 'x'], 'fetchmany: demo takes no "x"; see fetchmany demo --help\n'],
])('fetchmany %j says what is wrong on one line, and exits with 2', async (args, line) => {
  expect(await runCli(args)).toEqual({ code: 2, signal: null, stdout: '', stderr: line });
});

test('fetchmany exits with 5 on a fault of its own, with one line, and a stack only for -v', async () => {
  const env = preload(`setTimeout(() => { throw new Error('boom\\u001b[2J') }, 300)`);
  const { code, stderr } = await runCli(['-i', '-'], { env, keepsInputOpen: true });
  expect(code).toBe(5);
  expect(stderr).toMatch(/^fetchmany: internal error: boom\\x1b\[2J .*report it\)\n$/);
  const verbose = await runCli(['-v', '-i', '-'], { env, keepsInputOpen: true });
  expect(verbose.code).toBe(5);
  expect(verbose.stderr).toMatch(/\n {4}at /);
});

test('fetchmany with a mistyped command names the one that was meant', async () => {
  const { code, stdout, stderr } = await runCli(['srve']);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toBe('fetchmany: srve is neither a URL nor a command; did you mean serve?\n');
});

test.each([
  ['reprot', 'fetchmany: there is no command "reprot"; did you mean report?\n'],
  ['me\u001b[2J', 'fetchmany: there is no command "me\\x1b[2J"; see fetchmany --help\n'],
])('fetchmany help %j, which is no command, is refused on one line', async (word, line) => {
  expect(await runCli(['help', word])).toEqual({ code: 2, signal: null, stdout: '', stderr: line });
});

test.each(Object.keys(commands))('fetchmany %s has a help, which `fetchmany help` prints too', async (name) => {
  const { code, stdout, stderr } = await runCli([name, '--help']);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^Usage: fetchmany /);
  if (!/fetch|help/.test(name)) expect(stdout).toMatch(new RegExp(`^Usage: fetchmany ${name}`));
  expect(await runCli(['help', name])).toMatchObject({ code: 0, stdout, stderr: '' });
});
