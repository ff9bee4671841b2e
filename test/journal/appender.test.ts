import { appendFileSync, constants, openSync, readFileSync, renameSync, rmSync, statSync, truncateSync } from 'node:fs';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Appender, type FsyncPolicy } from '../../src/journal/appender.ts';
import type { Output } from '../../src/outputs/files/batch.ts';
import { ended, moduleCommand, startShell } from '../helpers/process/module.ts';
import { temporary } from '../helpers/temporary.ts';

const { path, file, directory } = temporary('appender');

function open(target: string, policy: FsyncPolicy = 'never'): Output {
  const number = openSync(target, constants.O_RDWR | constants.O_CREAT | constants.O_APPEND);
  return new Appender({ file: number, path: target, size: statSync(target).size }, policy);
}

const cutByAnother = 'it was cut by another process while it was being written';

describe('Appender', () => {
  test.each(['never', 'second', 'record'] as const)(
    'has a record in the file at once, with fsync %s',
    async (policy) => {
      const target = file('one\n');
      const output = open(target, policy);
      const written = output.write('two\n');
      expect(readFileSync(target, 'utf8')).toBe('one\ntwo\n');
      await written;
      await output.close();
    },
  );

  test.each([
    ['to nothing', 0],
    ['within a record', 6],
    ['after a record', 4],
  ])('notices that its file was cut %s, and adds nothing to it', async (_, size) => {
    const target = file('one\n');
    const output = open(target);
    await output.write('two\n');
    truncateSync(target, size);
    await expect(output.write('three\n')).rejects.toThrow(`Cannot write to ${target}: ${cutByAnother}`);
    await expect(output.write('four\n')).rejects.toThrow(cutByAnother);
    await expect(output.close()).rejects.toThrow(cutByAnother);
    expect(readFileSync(target, 'utf8')).toBe('one\ntwo\n'.slice(0, size));
  });

  test('notices on close that its file was cut', async () => {
    const target = file('one\n');
    const output = open(target);
    truncateSync(target, 0);
    await expect(output.close()).rejects.toThrow(cutByAnother);
    expect(statSync(target).size).toBe(0);
  });

  test('notices that another process writes to its file, and keeps what that has written', async () => {
    const target = file('one\n');
    const output = open(target);
    appendFileSync(target, 'not ours');
    await expect(output.write('two\n')).rejects.toThrow('it was written to by another process');
    expect(readFileSync(target, 'utf8')).toBe('one\nnot ours');
    await output.close().catch(() => {});
  });

  test('notices that its file was deleted, but accepts that it was moved', async () => {
    const deleted = path();
    const gone = open(deleted);
    rmSync(deleted);
    await expect(gone.write('one\n')).rejects.toThrow('it was deleted while it was being written');
    await gone.close().catch(() => {});
    const moved = path();
    const output = open(moved);
    renameSync(moved, `${moved}-now`);
    await output.write('one\n');
    await output.close();
    expect(readFileSync(`${moved}-now`, 'utf8')).toBe('one\n');
  });

  test('notices it even while nothing is written', async () => {
    const target = file('one\n');
    const output = open(target);
    truncateSync(target, 1);
    await sleep(1500);
    // It reports what it found earlier: the file is as it was.
    appendFileSync(target, 'ne\n');
    await expect(output.write('two\n')).rejects.toThrow(cutByAnother);
    await output.close().catch(() => {});
  });

  test('leaves no record after half of another one, whenever its file is cut', { timeout: 60_000 }, async () => {
    const targets = Array.from({ length: 30 }, (_, at) => `${directory}/race-${at}`);
    const cutter = startShell(
      moduleCommand(`
        import { statSync, truncateSync } from 'node:fs';
        for (const target of ${JSON.stringify(targets)}) {
          let size = 0;
          while (size < 20_000) size = statSync(target, { throwIfNoEntry: false })?.size ?? 0;
          truncateSync(target, Math.floor(Math.random() * size));
        }
      `),
    );
    // If this fails, the process waits for files that never appear.
    onTestFinished(() => void cutter.kill());
    const end = ended(cutter);
    for (const target of targets) {
      const output = open(target);
      expect(await writeUntilRefused(output)).toContain('by another process');
      await output.close().catch(() => {});
      const lines = readFileSync(target, 'utf8').split('\n');
      expect(lines.pop()).toMatch(/^(?:<x*>?)?$/);
      expect(lines.filter((line) => !/^<x+>$/.test(line))).toEqual([]);
    }
    expect(await end).toMatchObject({ code: 0, stderr: '' });
  });
});

/** Writes records until an error, and returns its message. */
async function writeUntilRefused(output: Output): Promise<string> {
  try {
    for (let at = 0; ; at += 1) {
      await output.write(`<${'x'.repeat(100 + (at % 50))}>\n`);
      // Out of step with the process that cuts.
      if (at % 64 === 0) await turn();
    }
  } catch (error) {
    return (error as Error).message;
  }
}
