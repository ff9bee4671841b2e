import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openWholeFile } from '../../../src/outputs/files/open-whole-file.ts';
import { jsonl } from '../../../src/outputs/formats/jsonl.ts';
import { runCli, shellCli } from '../../helpers/process/cli.ts';
import { moduleCommand, runShell } from '../../helpers/process/module.ts';
import { response } from '../../helpers/results.ts';
import { temporary } from '../../helpers/temporary.ts';

const { directory, path, file } = temporary('whole-file');
const canMount = (await runShell(`unshare -rm mount -t tmpfs none ${directory}`)).code === 0;

const drafts = (): string[] => readdirSync(directory).filter((name) => name.endsWith('.tmp'));
const modeOf = (name: string): number => statSync(name).mode & 0o777;

describe('openWholeFile()', () => {
  test('replaces a file when it is closed, and not before', async () => {
    const name = file('old');
    const output = await openWholeFile(name, { overwrite: true });
    await output.write('new '.repeat(40_000));
    expect(readFileSync(name, 'utf8')).toBe('old');
    expect(drafts()).toHaveLength(1);
    await output.close();
    expect(readFileSync(name, 'utf8')).toBe('new '.repeat(40_000));
    expect(drafts()).toEqual([]);
  });

  test('discard() leaves the old file, and no new one', async () => {
    for (const name of [file('old'), path()]) {
      const output = await openWholeFile(name, { overwrite: true });
      await output.write('new');
      await output.discard();
    }
    expect(readdirSync(directory).filter((name) => readFileSync(join(directory, name), 'utf8') === 'new')).toEqual([]);
    expect(drafts()).toEqual([]);
  });

  test('refuses a file that is not empty without overwrite', async () => {
    const name = file('old');
    await expect(openWholeFile(name)).rejects.toThrow('it already exists; add --overwrite');
    expect(readFileSync(name, 'utf8')).toBe('old');
  });

  test.each([
    ['a missing directory', () => join(directory, 'missing', 'x'), 'its directory does not exist; create it first'],
    ['a directory', () => directory, 'it is a directory; name a file'],
  ])('refuses %s', async (_, name, message) => {
    await expect(openWholeFile(name(), { overwrite: true })).rejects.toThrow(message);
  });

  test('keeps the mode of a file that it replaces; a new one is readable by its owner only', async () => {
    const old = file('old');
    chmodSync(old, 0o640);
    const created = path();
    for (const name of [old, created]) await (await openWholeFile(name, { overwrite: true })).close();
    expect([modeOf(old), modeOf(created)]).toEqual([0o640, 0o600]);
  });

  test('replaces the file that a symbolic link names, not the link', async () => {
    const name = file('old');
    const link = path();
    symlinkSync(name, link);
    const output = await openWholeFile(link, { overwrite: true });
    await output.write('new');
    await output.close();
    expect([realpathSync(link), readFileSync(name, 'utf8')]).toEqual([realpathSync(name), 'new']);
  });

  test('leaves nothing behind when the process exits early', async () => {
    const name = join(path(), 'x');
    mkdirSync(dirname(name));
    writeFileSync(name, 'old');
    await runShell(
      moduleCommand(`
        import { openWholeFile } from '#src/outputs/files/open-whole-file.ts';
        const output = await openWholeFile(${JSON.stringify(name)}, { overwrite: true });
        await output.write('new');
        process.exit(1);
      `),
    );
    expect([readdirSync(dirname(name)), readFileSync(name, 'utf8')]).toEqual([['x'], 'old']);
  });
});

describe('report', () => {
  const { row } = jsonl();
  const good = Array.from({ length: 2000 }, (_, index) => row(response({ index }))).join('');
  const flags = [
    ['--html', 'page.html'],
    ['-o', 'rows.csv'],
    ['-o', 'rows.json'],
    ['-o', 'rows.jsonl'],
    ['-o', 'rows.txt'],
  ] as const;

  test.each(flags)('%s %s --overwrite leaves the old file if a record is bad', async (flag, name) => {
    const records = file(`${good}no record\n${good}`, '.jsonl');
    const target = join(directory, name);
    writeFileSync(target, 'old');
    expect((await runCli(['report', records, flag, target, '--overwrite'])).code).toBe(3);
    expect(readFileSync(target, 'utf8')).toBe('old');
    expect(drafts()).toEqual([]);
  });

  test.skipIf(!canMount).each(flags)('%s %s --overwrite leaves the old file on a full disk', async (flag, name) => {
    const records = file(good, '.jsonl');
    const disk = path();
    mkdirSync(disk);
    const target = join(disk, name);
    const script = file(
      [
        `mount -t tmpfs -o size=64k none ${disk}`,
        `echo old > ${target}`,
        `${shellCli} report ${records} ${flag} ${target} --overwrite -q`,
        'echo code $?',
        `ls ${disk}; cat ${target}`,
      ].join('\n'),
    );
    const { stdout, stderr } = await runShell(`unshare -rm bash ${script}`);
    expect(stderr).toContain('no disk space left (DISK_FULL)');
    expect(stdout).toBe(`code 4\n${name}\nold\n`);
  });

  test('a new file keeps the rows before an invalid record', async () => {
    const target = path('.csv');
    expect((await runCli(['report', file(`${good}no record\n`), '-o', target])).code).toBe(3);
    expect(readFileSync(target, 'utf8').split('\n')).toHaveLength(2002);
  });
});

test.skipIf(!canMount)('a JSON array on a full disk is valid, and lacks only rows at its end', async () => {
  const disk = path();
  mkdirSync(disk);
  const target = join(disk, 'out.json');
  const writeRows = moduleCommand(`
    import { openOutput } from '#src/outputs/files/open-output.ts';
    const output = await openOutput(${JSON.stringify(target)}, { tail: '\\n]\\n' });
    try {
      await output.write('[');
      for (let index = 0; index < 5000; index += 1) {
        await output.write((index === 0 ? '\\n' : ',\\n') + JSON.stringify({ index, text: 'x'.repeat(90) }));
      }
      await output.close();
    } catch (error) {
      process.stderr.write(error.message);
      await output.close().catch(() => {});
    }
  `);
  const script = file(`mount -t tmpfs -o size=96k none ${disk}\n${writeRows}\ncat ${target}`);
  const { stdout, stderr } = await runShell(`unshare -rm bash ${script}`);
  expect(stderr).toContain('no disk space left (DISK_FULL)');
  const rows = JSON.parse(stdout) as { index: number }[];
  expect(rows.length).toBeGreaterThan(700);
  rows.forEach(({ index }, at) => expect(index).toBe(at));
});
