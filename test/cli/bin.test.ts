import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { commands } from '../../cli/commands.ts';
import { version } from '../../src/version.ts';
import { binPath, runCli, shellCli } from '../helpers/process/cli.ts';
import { runShell } from '../helpers/process/module.ts';

/** Makes a process load a module before anything else. */
const preload = (source: string): Record<string, string> => ({
  NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(source)}`,
});

test.each(['12.22.0', '20.20.2', '22.18.9'])(
  'fetchmany on Node %s reports on one line that Node is too old',
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

test('bin.ts can be parsed by an old Node', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'fetchmany-bin-')), 'bin.mjs');
  const source = readFileSync(binPath, 'utf8');
  expect(source).not.toMatch(/^import /m);
  // It must be JavaScript as it is, without type stripping.
  writeFileSync(path, source);
  execFileSync(process.execPath, ['--check', path]);
});

test('fetchmany --help and --version print to standard output, whatever other arguments there are', async () => {
  for (const args of [['--help'], ['-h', 'http://127.0.0.1:1/'], ['-i', '/none', '--help']]) {
    const { code, stdout, stderr } = await runCli(args);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^Usage: fetchmany /);
  }
  expect(await runCli(['--version'])).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' });
  expect((await runCli(['demo', '--help'])).stdout).toMatch(/^Usage: fetchmany demo/);
  expect((await runCli(['--help', 'report'])).stdout).toMatch(/^Usage: fetchmany report/);
  expect((await runCli(['serve', '-h'])).stdout).toMatch(/^Usage: fetchmany serve/);
});

test('fetchmany --help works without a home, in any directory, and into a closed pipe', async () => {
  expect(await runCli(['--help'], { cwd: '/', env: { HOME: '' } })).toMatchObject({ code: 0, stderr: '' });
  expect(await runShell(`${shellCli} --help | true; exit \${PIPESTATUS[0]}`)).toMatchObject({ code: 0, stderr: '' });
});

test.each([
  [['--concurency', '5'], 'fetchmany: unknown option --concurency; did you mean --concurrency?\n'],
  [
    ['-c', '0'],
    'fetchmany: --concurrency must be a whole number of at least 1, auto, or auto:MAX, such as --concurrency 50: got "0"\n',
  ],
  [['-c'], 'fetchmany: -c needs a value; see fetchmany --help\n'],
  [['serve', '--prot', '1'], 'fetchmany: unknown option --prot; did you mean --port?\n'],
  [
    ['serve', '--port', '65536'],
    'fetchmany: --port must be a port from 0 to 65535, such as --port 8080: got "65536"\n',
  ],
  [['serve', 'x'], 'fetchmany: serve takes no arguments: got "x"; see fetchmany serve --help\n'],
  [
    ['serve', '--host', '203.0.113.7'],
    'fetchmany: --host must be an address of this machine, such as --host 127.0.0.1: got "203.0.113.7"\n',
  ],
  [
    ['version'],
    'fetchmany: there is no command version: fetchmany --version shows the version; a host is https://version\n',
  ],
  [['demo', 'x'], 'fetchmany: demo takes no arguments: got "x"; see fetchmany demo --help\n'],
])('fetchmany %j exits with 2 and one line that says why', async (args, line) => {
  expect(await runCli(args)).toEqual({ code: 2, signal: null, stdout: '', stderr: line });
});

test('fetchmany exits with 5 on an internal error, with one line, and a stack only with -v', async () => {
  const env = preload(`setTimeout(() => { throw new Error('boom\\u001b[2J') }, 300)`);
  const { code, stderr } = await runCli(['-i', '-'], { env, keepsInputOpen: true });
  expect(code).toBe(5);
  expect(stderr).toMatch(/^fetchmany: internal error: boom\\x1b\[2J \(please report it; -v prints the stack\)\n$/);
  const verbose = await runCli(['-v', '-i', '-'], { env, keepsInputOpen: true });
  expect(verbose.code).toBe(5);
  expect(verbose.stderr).toMatch(/\n {4}at /);
});

test('fetchmany suggests a command for a mistyped one', async () => {
  const { code, stdout, stderr } = await runCli(['srve']);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toBe('fetchmany: srve is not a command or a URL; did you mean serve?\n');
});

test.each([
  ['reprot', 'fetchmany: unknown command "reprot"; did you mean report?\n'],
  ['me\u001b[2J', 'fetchmany: unknown command "me\\x1b[2J"; see fetchmany --help\n'],
])('fetchmany help %j refuses an unknown command on one line', async (word, line) => {
  expect(await runCli(['help', word])).toEqual({ code: 2, signal: null, stdout: '', stderr: line });
});

test.each(Object.keys(commands))('fetchmany %s has a help, which `fetchmany help` prints as well', async (name) => {
  const { code, stdout, stderr } = await runCli([name, '--help']);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^Usage: fetchmany /);
  if (!/fetch|help/.test(name)) expect(stdout).toMatch(new RegExp(`^Usage: fetchmany ${name}`));
  expect(await runCli(['help', name])).toMatchObject({ code: 0, stdout, stderr: '' });
});
