import { appendFileSync, chmodSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { InputError } from '../../src/inputs/input-error.ts';
import { openInput } from '../../src/inputs/open-input.ts';
import { readLists } from '../../src/inputs/read-lists.ts';
import { collect } from '../helpers/collect.ts';
import { ended, moduleCommand, runShell, startShell } from '../helpers/process/module.ts';

const directory = mkdtempSync(join(tmpdir(), 'fetchmany-read-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

let files = 0;

function fileWith(text: string): string {
  const path = join(directory, `list-${(files += 1)}.txt`);
  writeFileSync(path, text);
  return path;
}

/** How often the file is open in this process. */
function timesOpen(path: string): number {
  return readdirSync('/proc/self/fd').filter((fd) => linkOf(fd) === path).length;
}

function linkOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return '';
  }
}

/** A program that prints every line of its inputs, and the message of an `InputError`. */
function printLines(names: readonly string[], leaveAfter = Infinity): string {
  return moduleCommand(`
    import { readLists } from '#src/inputs/read-lists.ts';
    import { InputError } from '#src/inputs/input-error.ts';
    try {
      let count = 0;
      for await (const line of readLists({ files: ${JSON.stringify(names)} })) {
        console.log(line);
        if ((count += 1) >= ${leaveAfter}) break;
      }
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      console.error(error.message);
      process.exitCode = 3;
    }
    console.log('end');
  `);
}

describe('openInput()', () => {
  test.each([
    ['a file that does not exist', join(directory, 'missing.txt'), /no such file; check the path$/],
    ['a directory', directory, /it is a directory; name a list of URLs or requests$/],
    ['a path through a file', `${fileWith('x')}/list.txt`, /not a directory/],
    ['a name with NUL', 'a\0b', /^Cannot read a\\x00b: its name contains a NUL character$/],
    [
      'a name with an escape sequence',
      join(directory, '\u001b[2J\u202e\nx'),
      /\\x1b\[2J\\u\{202e\}\\x0ax: no such file/,
    ],
  ])('refuses %s at once', (_, path, message) => {
    expect(() => openInput(path)).toThrow(InputError);
    expect(() => openInput(path)).toThrow(message);
  });

  test.skipIf(process.getuid?.() === 0)('refuses a file without permission', () => {
    const path = fileWith('http://a/\n');
    chmodSync(path, 0);
    expect(() => openInput(path)).toThrow(/permission denied/);
  });
});

describe('readLists()', () => {
  test('reads several lists one after the other, and closes them', async () => {
    const names = [fileWith('http://a/\nhttp://b/'), fileWith(''), fileWith('http://c/\n')];
    expect(await collect(readLists({ files: names }))).toEqual(['http://a/', 'http://b/', 'http://c/']);
    await expect.poll(() => names.map(timesOpen)).toEqual([0, 0, 0]);
  });

  test('reads a list that is longer than one chunk', async () => {
    const lines = Array.from({ length: 50_000 }, (_, index) => `https://example.com/${index}`);
    expect(await collect(readLists({ files: [fileWith(lines.join('\n'))] }))).toEqual(lines);
  });

  test('reads nothing without a list', async () => {
    expect(await collect(readLists({ files: [] }))).toEqual([]);
  });

  test('refuses a wrong name before the first line, and closes the other lists', async () => {
    const path = fileWith('http://a/\n');
    expect(() => readLists({ files: [path, join(directory, 'missing.txt')] })).toThrow(InputError);
    await expect.poll(() => timesOpen(path)).toBe(0);
  });

  test('refuses standard input twice', () => {
    expect(() => readLists({ files: ['-', '-'] })).toThrow(
      'Cannot read standard input: it is given twice, but can be read only once',
    );
  });

  test('names the list that is not text', async () => {
    const path = fileWith('');
    appendFileSync(path, Uint8Array.of(0x50, 0x4b, 0x03, 0x04));
    await expect(collect(readLists({ files: [path] }))).rejects.toThrow(`Cannot read ${path}: it is a ZIP archive`);
    await expect.poll(() => timesOpen(path)).toBe(0);
  });

  test('closes all files when the consumer leaves', async () => {
    const names = [fileWith('http://a/\nhttp://b/\n'), fileWith('http://c/\n')];
    for await (const _ of readLists({ files: names })) break;
    await expect.poll(() => names.map(timesOpen)).toEqual([0, 0]);
  });

  test('opens each name once, also for a list that is named twice', async () => {
    const path = fileWith('http://a/\n');
    expect(await collect(readLists({ files: [path, path] }))).toEqual(['http://a/', 'http://a/']);
  });

  test('ends a pending next() when the consumer leaves a silent pipe', async () => {
    const path = join(directory, 'silent');
    await runShell(`mkfifo ${path}`);
    const lines = readLists({ files: [path] })[Symbol.asyncIterator]();
    const pending = lines.next();
    await expect(lines.return!()).resolves.toMatchObject({ done: true });
    await expect(pending).resolves.toMatchObject({ done: true });
  });

  test('gives no half line to a pending next() when the consumer leaves', async () => {
    const path = join(directory, 'half');
    await runShell(`mkfifo ${path}`);
    const writer = startShell(`exec 3> '${path}'; printf http://half >&3; read _`);
    const lines = readLists({ files: [path] })[Symbol.asyncIterator]();
    const pending = lines.next();
    await new Promise((resolve) => setTimeout(resolve, 200));
    await lines.return!();
    writer.stdin!.end();
    expect(await pending).toMatchObject({ done: true });
  });
});

describe('readLists() in its own process', () => {
  test('reads standard input from a pipe', async () => {
    expect(await runShell(`printf 'http://a/\\nhttp://b/' | ${printLines(['-'])}`)).toMatchObject({
      code: 0,
      stdout: 'http://a/\nhttp://b/\nend\n',
    });
  });

  test('reads standard input from a file, between two other lists', async () => {
    const [first, second, third] = [fileWith('http://a/'), fileWith('http://b/'), fileWith('http://c/')];
    const { stdout } = await runShell(`${printLines([first, '-', third])} < ${second}`);
    expect(stdout).toBe('http://a/\nhttp://b/\nhttp://c/\nend\n');
  });

  test.each([
    ['empty', '< /dev/null'],
    ['closed', '<&-'],
  ])('reads nothing of %s standard input', async (_, redirection) => {
    expect(await runShell(`${printLines(['-'])} ${redirection}`)).toMatchObject({
      code: 0,
      stdout: 'end\n',
      stderr: '',
    });
  });

  test('refuses a directory as standard input', async () => {
    expect(await runShell(`${printLines(['-'])} < ${directory}`)).toMatchObject({
      code: 3,
      stderr: 'Cannot read standard input: it is a directory; name a list of URLs or requests\n',
    });
  });

  test('waits for the writer of a named pipe, and reads to the end', async () => {
    const path = join(directory, 'late');
    await runShell(`mkfifo ${path}`);
    const { stdout } = await runShell(`(sleep 0.3; printf 'http://a/\\nhttp://b/' > ${path}) & ${printLines([path])}`);
    expect(stdout).toBe('http://a/\nhttp://b/\nend\n');
  });

  test('reads a process substitution of the shell', async () => {
    const command = printLines(['/dev/fd/7']);
    expect((await runShell(`${command} 7< <(printf 'http://a/\\n')`)).stdout).toBe('http://a/\nend\n');
  });

  test('reads endless standard input as it arrives, and lets the process end when it leaves', async () => {
    const { stdout, code } = await runShell(`yes http://a/ | ${printLines(['-'], 3)}`);
    expect({ stdout, code }).toEqual({ stdout: 'http://a/\nhttp://a/\nhttp://a/\nend\n', code: 0 });
  });

  test('gives a line while standard input stays open, and lets the process end when it leaves', async () => {
    const child = startShell(printLines(['-'], 1));
    child.stdin!.write('http://a/\nhttp://b/\n');
    expect(await ended(child)).toMatchObject({ code: 0, stdout: 'http://a/\nend\n' });
  });

  test('reads /dev/stdin', async () => {
    expect((await runShell(`printf 'http://a/' | ${printLines(['/dev/stdin'])}`)).stdout).toBe('http://a/\nend\n');
  });

  test('needs flat memory for a million lines', async () => {
    const command = moduleCommand(`
      import { readLists } from '#src/inputs/read-lists.ts';
      let count = 0;
      for await (const line of readLists({ files: ['-'] })) if ((count += line.length > 0) === 1_000_000) break;
      console.log(Math.round(process.memoryUsage().rss / 1e6));
    `);
    const { stdout } = await runShell(`yes https://example.com/a/path/of/usual/length?query=1 | ${command}`);
    expect(Number(stdout)).toBeLessThan(200);
  });
});

describe('readLists() estimates the number of lines', () => {
  const lines = (count: number): string =>
    Array.from({ length: count }, (_, at) => `http://a.test/${at % 10}\n`).join('');

  test('of files, once their first chunk has been read', async () => {
    const inputs = readLists({ files: [fileWith(lines(100_000)), fileWith(lines(50_000))] });
    const iterator = inputs[Symbol.asyncIterator]();
    expect(inputs.expected).toBeUndefined();
    for (let count = 0; count < 60_000; count += 1) await iterator.next();
    expect(inputs.expected! / 150_000).toBeCloseTo(1, 2);
    for (let count = 0; count < 90_000; count += 1) await iterator.next();
    expect(await iterator.next()).toMatchObject({ done: true });
    expect(inputs.expected).toBe(150_000);
  });

  test('of regular files only', async () => {
    const source = `
      import { readLists } from '#src/inputs/read-lists.ts';
      const inputs = readLists({ files: ['-'] });
      for await (const line of inputs) line;
      console.log(inputs.expected);`;
    expect((await runShell(`cat ${fileWith(lines(10))} | ${moduleCommand(source)}`)).stdout).toBe('undefined\n');
    expect((await runShell(`${moduleCommand(source)} < ${fileWith(lines(10))}`)).stdout).toBe('10\n');
  });
});
