import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isFilePath, openLocked } from '../../../src/outputs/files/open-locked.ts';
import { openOutput } from '../../../src/outputs/files/open-output.ts';
import { temporary } from '../../helpers/temporary.ts';

const { path, file, directory } = temporary('open-locked');

const open = (target: string): ReturnType<typeof openLocked> =>
  openLocked(target, () => openOutput(target, { overwrite: true }));

describe('openLocked()', () => {
  test('keeps a file for itself until it is closed', async () => {
    const target = file('old\n');
    const first = await open(target);
    await first.write('new\n');
    await expect(open(target)).rejects.toThrow(`process ${process.pid} on`);
    await first.close();
    expect(readFileSync(target, 'utf8')).toBe('new\n');
    await (await open(target)).close();
  });

  test('releases the lock if the file cannot be opened', async () => {
    const target = file('old\n');
    await expect(openLocked(target, () => openOutput(target))).rejects.toThrow('it already exists');
    await (await open(target)).close();
  });

  test.each([
    ['that exists', 'x'],
    ['that does not exist yet', undefined],
  ])('locks a file %s under all its symbolic links', async (_, content) => {
    const target = path();
    if (content !== undefined) writeFileSync(target, content);
    const link = path();
    symlinkSync(basename(target), link);
    const linkToLink = path();
    symlinkSync(link, linkToLink);
    const first = await open(linkToLink);
    for (const name of [target, link, linkToLink]) await expect(open(name)).rejects.toThrow('is writing to it');
    await first.close();
    await (await open(target)).close();
  });

  test('reports that it cannot create the lock', async () => {
    await expect(open(`${directory}/none/x`)).rejects.toThrow('its directory does not exist; create it first');
    await expect(open(`${file('')}/x`)).rejects.toThrow('a part of its path is not a directory');
  });

  test.skipIf(process.getuid?.() === 0)('reports that it has no permission to create one', async () => {
    const folder = path();
    mkdirSync(folder);
    writeFileSync(`${folder}/x`, '');
    chmodSync(folder, 0o500);
    await expect(open(`${folder}/x`)).rejects.toThrow('permission denied for a lock file beside it');
    chmodSync(folder, 0o700);
  });
});

test('isFilePath() is true for a file, even one that does not exist yet, and for nothing else', () => {
  expect([file(''), path()].map(isFilePath)).toEqual([true, true]);
  expect([directory, '/dev/null', '/dev/full'].map(isFilePath)).toEqual([false, false, false]);
});
