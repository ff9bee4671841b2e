import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openOutput } from '../../../src/outputs/files/open-output.ts';
import { OutputError } from '../../../src/outputs/files/output-error.ts';
import { ended, moduleCommand, runShell, startShell } from '../../helpers/process/module.ts';

const directory = mkdtempSync(join(tmpdir(), 'fetchmany-output-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

let files = 0;
const newPath = () => join(directory, `out-${(files += 1)}`);

/** A program that writes rows of about 100 bytes, each when there is room, and reports on stderr how it ended. */
function writeRows(rows: number, path?: string, pauseMs = 0): string {
  return moduleCommand(`
    import { openOutput } from '#src/outputs/files/open-output.ts';
    import { OutputError } from '#src/outputs/files/output-error.ts';
    const output = await openOutput(${path === undefined ? 'undefined' : JSON.stringify(path)});
    try {
      for (let index = 0; index < ${rows}; index += 1) {
        await output.write(String(index).padEnd(99, '.') + '\\n');
        if (${pauseMs} > 0) await new Promise((resolve) => setTimeout(resolve, ${pauseMs}));
      }
      await output.close();
      process.stderr.write('written');
    } catch (error) {
      if (!(error instanceof OutputError)) throw error;
      process.stderr.write(error.closedByReader ? 'reader left' : error.message);
      await output.close().catch(() => {});
      process.exitCode = error.closedByReader ? 0 : 4;
    }
  `);
}

/** A file with shell commands, for programs that run one. */
function shellScript(...commands: readonly string[]): string {
  const path = newPath();
  writeFileSync(path, commands.join('\n'));
  return path;
}

const canMount = (await runShell(`unshare -rm mount -t tmpfs none ${directory}`)).code === 0;

describe('openOutput() of a file', () => {
  test('writes it', async () => {
    const path = newPath();
    const output = await openOutput(path);
    await output.write('a\n');
    await output.write('é☃\n');
    await output.close();
    expect(readFileSync(path, 'utf8')).toBe('a\né☃\n');
  });

  test('writes a piece to the file within a tenth of a second', async () => {
    const path = newPath();
    const output = await openOutput(path);
    void output.write('a\n');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(readFileSync(path, 'utf8')).toBe('a\n');
    await output.close();
  });

  test('writes a file that exists and is empty', async () => {
    const path = newPath();
    writeFileSync(path, '');
    const output = await openOutput(path);
    await output.close();
    expect(statSync(path).size).toBe(0);
  });

  test('refuses a file that is not empty, and leaves it unchanged', async () => {
    const path = newPath();
    writeFileSync(path, 'dear data');
    await expect(openOutput(path)).rejects.toThrow(
      `Cannot write to ${path}: it already exists; add --overwrite to replace it, or choose another file`,
    );
    expect(readFileSync(path, 'utf8')).toBe('dear data');
  });

  test('replaces it with overwrite', async () => {
    const path = newPath();
    writeFileSync(path, 'old data');
    const output = await openOutput(path, { overwrite: true });
    await output.write('new\n');
    await output.close();
    expect(readFileSync(path, 'utf8')).toBe('new\n');
  });

  test.each([
    ['deleted', (path: string) => rmSync(path), 'it was deleted while it was being written'],
    ['cut', (path: string) => truncateSync(path, 1), 'it was cut by another process while it was being written'],
    ['added to', (path: string) => appendFileSync(path, 'x'), 'it was written to by another process while it was'],
  ])('reports that another process has %s it', async (_, change, message) => {
    for (const writesMore of [true, false]) {
      const path = newPath();
      const output = await openOutput(path);
      await output.write('a\n'.repeat(40_000));
      change(path);
      if (writesMore) void output.write('b\n');
      await expect(output.close()).rejects.toThrow(`Cannot write to ${path}: ${message}`);
    }
  });

  test('leaves no hole where another process has cut it', async () => {
    const path = newPath();
    const output = await openOutput(path);
    await output.write('a\n'.repeat(40_000));
    truncateSync(path, 0);
    void output.write('b\n');
    await output.close().catch(() => {});
    expect(readFileSync(path, 'utf8')).toBe('b\n');
  });

  test.each([
    ['a directory', () => directory, /it is a directory; name a file$/],
    ['a missing directory', () => join(directory, 'missing', 'out'), /its directory does not exist; create it first$/],
    [
      'a path through a file',
      () => (writeFileSync(join(directory, 'file'), ''), join(directory, 'file', 'out')),
      /not a directory/,
    ],
    ['a name with NUL', () => 'a\0b', /^Cannot write to a\\x00b: its name contains a NUL character$/],
    ['a name that is too long', () => join(directory, 'x'.repeat(300)), /its name is too long$/],
    [
      'a circle of links',
      () => (symlinkSync('circle', join(directory, 'circle')), join(directory, 'circle')),
      /form a loop$/,
    ],
  ])('refuses %s', async (_, path, message) => {
    const error: unknown = await openOutput(path()).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(OutputError);
    expect(error).toMatchObject({ message: expect.stringMatching(message), closedByReader: false });
  });

  test('reports a full device', async () => {
    const output = await openOutput('/dev/full');
    void output.write('a\n');
    await expect(output.close()).rejects.toThrow('Cannot write to /dev/full: no disk space left (DISK_FULL)');
  });

  test('writes to a named pipe as soon as somebody reads it', async () => {
    const path = newPath();
    await runShell(`mkfifo ${path}`);
    const reader = ended(startShell(`sleep 0.3; cat ${path}`));
    const output = await openOutput(path);
    await output.write('a\n');
    await output.close();
    expect((await reader).stdout).toBe('a\n');
  });

  test.skipIf(!canMount)('leaves whole rows only when the disk is full', async () => {
    const disk = join(directory, 'disk');
    mkdirSync(disk);
    const path = join(disk, 'out');
    const script = shellScript(`mount -t tmpfs -o size=96k none ${disk}`, writeRows(10_000, path), `cat ${path}`);
    const { stdout, stderr } = await runShell(`unshare -rm bash ${script}`);
    expect(stderr).toBe(`Cannot write to ${path}: no disk space left (DISK_FULL); free some, or write elsewhere`);
    const rows = stdout.split('\n');
    expect(rows.pop()).toBe('');
    expect(rows.length).toBeGreaterThan(900);
    rows.forEach((row, index) => expect(row).toBe(String(index).padEnd(99, '.')));
  });
});

describe('openOutput() of standard output', () => {
  test.each([
    ['a pipe', (command: string) => `${command} | cat`],
    ['a file', (command: string) => `${command} > ${directory}/redirected; cat ${directory}/redirected`],
    [
      'the end of a file',
      (command: string) => `: > ${directory}/end; ${command} >> ${directory}/end; cat ${directory}/end`,
    ],
    ['a socket', (command: string) => command],
  ])('writes everything to %s', async (_, line) => {
    const { code, stdout, stderr } = await runShell(line(writeRows(5000)));
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'written' });
    expect(stdout).toHaveLength(500_000);
    expect(stdout.slice(-100)).toBe(`${'4999'.padEnd(99, '.')}\n`);
  });

  test.each([
    ['/dev/null', '> /dev/null'],
    ['a closed descriptor', '>&-'],
  ])('discards what is written to %s', async (_, redirection) => {
    expect(await runShell(`${writeRows(5000)} ${redirection}`)).toMatchObject({ code: 0, stderr: 'written' });
  });

  test.each([
    ['a full device', '> /dev/full', 'no disk space left (DISK_FULL); free some, or write elsewhere'],
    ['a descriptor that is open for reading only', '1< /dev/zero', 'it is not open for writing'],
  ])('reports %s', async (_, redirection, reason) => {
    expect(await runShell(`${writeRows(10)} ${redirection}`)).toMatchObject({
      code: 4,
      stderr: `Cannot write to standard output: ${reason}`,
    });
  });

  test.each([
    ['at once', 100_000, 0],
    ['while it is slow', 100, 20],
  ])('reports that the reader has gone: %s', async (_, rows, pauseMs) => {
    const { stdout, stderr } = await runShell(`${writeRows(rows, undefined, pauseMs)} | head -n 1`);
    expect(stderr).toBe('reader left');
    expect(stdout).toBe(`${'0'.padEnd(99, '.')}\n`);
  });

  test('reports that the reader has gone before the first row', async () => {
    expect(await runShell(`(sleep 0.2; ${writeRows(3, undefined, 50)}) | true`)).toMatchObject({
      stderr: 'reader left',
    });
  });

  test('waits for a slow reader, with little in memory and its own timers running', async () => {
    const command = moduleCommand(`
      import { openOutput } from '#src/outputs/files/open-output.ts';
      const output = await openOutput();
      let ticks = 0;
      const timer = setInterval(() => (ticks += 1), 10);
      let rows = 0;
      setTimeout(() => process.stderr.write(JSON.stringify({ rows, ticks })), 500);
      for (; rows < 20_000; rows += 1) await output.write('x'.repeat(99) + '\\n');
      clearInterval(timer);
      await output.close();
    `);
    const { stdout, stderr } = await runShell(`${command} | (sleep 1; wc -c)`);
    expect(Number(stdout)).toBe(2_000_000);
    const { rows, ticks } = JSON.parse(stderr) as { rows: number; ticks: number };
    expect(rows).toBeLessThan(4000);
    expect(ticks).toBeGreaterThan(20);
  });

  test('writes to a terminal', async () => {
    const { stdout } = await runShell(`script -qec 'bash ${shellScript(writeRows(3))}' /dev/null`);
    expect(stdout.match(/^[012]\.+\r$/gm)).toHaveLength(3);
  });
});
