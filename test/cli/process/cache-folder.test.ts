import { chmodSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cacheFolder } from '../../../cli/process/cache-folder.ts';
import { temporary } from '../../helpers/temporary.ts';

const { path, file } = temporary('cache-folder');

const isRoot = process.getuid?.() === 0;

const madeHome = (): string => {
  const home = path();
  mkdirSync(home);
  return home;
};

test('cacheFolder() creates a folder that only the user can access', () => {
  const home = madeHome();
  const folder = cacheFolder({}, 'linux', () => home);
  expect(folder).toBe(join(home, '.cache/fetchmany'));
  expect(statSync(folder!).mode & 0o777).toBe(0o700);
  expect(cacheFolder({}, 'linux', () => home)).toBe(folder);
});

test('cacheFolder() honours XDG_CACHE_HOME, or LOCALAPPDATA on Windows', () => {
  const home = madeHome();
  const other = path();
  expect(cacheFolder({ XDG_CACHE_HOME: other }, 'linux', () => home)).toBe(join(other, 'fetchmany'));
  expect(cacheFolder({ LOCALAPPDATA: other }, 'win32', () => home)).toBe(join(other, 'fetchmany'));
  expect(cacheFolder({ LOCALAPPDATA: other }, 'linux', () => home)).toBe(join(home, '.cache/fetchmany'));
  expect(cacheFolder({ XDG_CACHE_HOME: 'relative' }, 'linux', () => home)).toBe(join(home, '.cache/fetchmany'));
});

test('cacheFolder() is undefined without a home directory', () => {
  const noHome = (): string => {
    throw new Error('uv_os_homedir returned ENOENT');
  };
  const here = readdirSync('.');
  expect(cacheFolder({}, 'linux', noHome)).toBeUndefined();
  expect(cacheFolder({}, 'linux', () => '')).toBeUndefined();
  expect(readdirSync('.')).toEqual(here);
});

test.each([
  ['does not exist', () => join(path(), 'deeper')],
  ['is a file', () => file('')],
  ['does not allow new folders', () => '/proc'],
])('cacheFolder() creates nothing in a home that %s', (_, home) => {
  const place = home();
  expect(cacheFolder({}, 'linux', () => place)).toBeUndefined();
  expect(existsSync(join(place, '.cache'))).toBe(false);
});

test.skipIf(isRoot)('cacheFolder() creates nothing in a read-only home', () => {
  const home = madeHome();
  chmodSync(home, 0o500);
  expect(cacheFolder({}, 'linux', () => home)).toBeUndefined();
  expect(readdirSync(home)).toEqual([]);
});

describe.skipIf(process.getuid === undefined)('a folder that another user could write to is not used', () => {
  const someoneElse = (process.getuid?.() ?? 0) + 1;

  test('because another user owns it', () => {
    const home = madeHome();
    expect(cacheFolder({}, 'linux', () => home)).toBeDefined();
    expect(cacheFolder({}, 'linux', () => home, someoneElse)).toBeUndefined();
  });

  test.each(['770', '707', '777'])('because its mode is %s', (mode) => {
    const home = madeHome();
    const folder = cacheFolder({}, 'linux', () => home)!;
    chmodSync(folder, parseInt(mode, 8));
    expect(cacheFolder({}, 'linux', () => home)).toBeUndefined();
    chmodSync(folder, 0o755);
    expect(cacheFolder({}, 'linux', () => home)).toBe(folder);
  });

  test("and none is created in another user's home", () => {
    const home = madeHome();
    expect(cacheFolder({}, 'linux', () => home, someoneElse)).toBeUndefined();
    expect(readdirSync(home)).toEqual([]);
  });
});
