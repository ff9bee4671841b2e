import { expect, test } from 'vitest';
import { cacheFolder } from '../../cli/cache-folder.ts';

const home = (): string => '/home/ann';
const nobody = (): string => {
  throw new Error('ENOENT');
};

test.each([
  ['the home of the user', 'linux', {}, home, '/home/ann/.cache/fetchmany'],
  ['what the user says', 'linux', { XDG_CACHE_HOME: '/fast' }, home, '/fast/fetchmany'],
  ['no folder below wherever we are', 'linux', { XDG_CACHE_HOME: 'fast' }, home, '/home/ann/.cache/fetchmany'],
  ['nor one without a name', 'linux', { XDG_CACHE_HOME: '' }, home, '/home/ann/.cache/fetchmany'],
  ['what Windows says', 'win32', { LOCALAPPDATA: '/local', XDG_CACHE_HOME: '/x' }, home, '/local/fetchmany'],
  ['nothing for a user without a home', 'linux', {}, nobody, undefined],
  ['nothing for one whose home is anywhere', 'linux', {}, () => '', undefined],
] as const)('cacheFolder() takes %s', (_, platform, env, homedir, folder) => {
  expect(cacheFolder({ platform, env, homedir })).toBe(folder);
});
