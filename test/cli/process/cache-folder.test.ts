import { chmodSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cacheFolder } from '../../../cli/process/cache-folder.ts';
import { temporary } from '../../helpers/temporary.ts';

const { path, file } = temporary('cache-folder');

const isRoot = process.getuid?.() === 0;

const madeHome = (): string => {
  const home = path();
  mkdirSync(home);
  return home;
};

test('the cache lies in a folder that only the user can write, made at the first start', () => {
  const home = madeHome();
  const folder = cacheFolder({}, 'linux', () => home);
  expect(folder).toBe(join(home, '.cache/fetchmany'));
  expect(statSync(folder!).mode & 0o777).toBe(0o700);
  expect(cacheFolder({}, 'linux', () => home)).toBe(folder);
});

test('XDG_CACHE_HOME and LOCALAPPDATA are heeded where they belong', () => {
  const home = madeHome();
  const other = path();
  expect(cacheFolder({ XDG_CACHE_HOME: other }, 'linux', () => home)).toBe(join(other, 'fetchmany'));
  expect(cacheFolder({ LOCALAPPDATA: other }, 'win32', () => home)).toBe(join(other, 'fetchmany'));
  expect(cacheFolder({ LOCALAPPDATA: other }, 'linux', () => home)).toBe(join(home, '.cache/fetchmany'));
  expect(cacheFolder({ XDG_CACHE_HOME: 'relative' }, 'linux', () => home)).toBe(join(home, '.cache/fetchmany'));
});

test('without a home there is no cache', () => {
  const noHome = (): string => {
    throw new Error('uv_os_homedir returned ENOENT');
  };
  const here = readdirSync('.');
  expect(cacheFolder({}, 'linux', noHome)).toBeUndefined();
  expect(cacheFolder({}, 'linux', () => '')).toBeUndefined();
  expect(readdirSync('.')).toEqual(here);
});

test.each([
  ['is not there', () => join(path(), 'deeper')],
  ['is a file', () => file('')],
  ['lets nothing be made in it', () => '/proc'],
])('a home that %s is left as it is', (_, home) => {
  const place = home();
  expect(cacheFolder({}, 'linux', () => place)).toBeUndefined();
  expect(existsSync(join(place, '.cache'))).toBe(false);
});

test.skipIf(isRoot)('a home that is read-only is left as it is', () => {
  const home = madeHome();
  chmodSync(home, 0o500);
  expect(cacheFolder({}, 'linux', () => home)).toBeUndefined();
  expect(readdirSync(home)).toEqual([]);
});
