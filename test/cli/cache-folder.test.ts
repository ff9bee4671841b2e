import { homedir } from 'node:os';
import { afterEach, expect, test, vi } from 'vitest';
import { cacheFolder } from '../../cli/cache-folder.ts';

vi.mock('node:os', { spy: true });

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

test.runIf(process.platform === 'linux').each([
  ['/caches', '/home/me', '/caches/fetchmany'],
  ['', '/home/me', '/home/me/.cache/fetchmany'],
  ['caches', '/home/me', undefined],
  ['', '', undefined],
])('cacheFolder() with XDG_CACHE_HOME=%j and HOME=%j is %j', (xdg, home, folder) => {
  vi.stubEnv('XDG_CACHE_HOME', xdg);
  vi.stubEnv('HOME', home);
  expect(cacheFolder()).toBe(folder);
});

test('cacheFolder() is none for a user of whom the system knows nothing', () => {
  vi.stubEnv('XDG_CACHE_HOME', '');
  vi.stubEnv('LOCALAPPDATA', '');
  vi.mocked(homedir).mockImplementation(() => {
    throw new Error('uv_os_homedir returned ENOENT');
  });
  expect(cacheFolder()).toBeUndefined();
});
