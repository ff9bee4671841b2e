import { expect, test } from 'vitest';
import { cacheFolder } from '../../cli/cache-folder.ts';

type Home = () => string;

const ann: Home = () => '/home/ann';
const nowhere: Home = () => '';
const nobody: Home = () => {
  throw new Error('ENOENT');
};

test.each<[string, NodeJS.Platform, Record<string, string>, Home, string | undefined]>([
  ['the home of the user', 'linux', {}, ann, '/home/ann/.cache/fetchmany'],
  ['what the user says', 'linux', { XDG_CACHE_HOME: '/fast' }, ann, '/fast/fetchmany'],
  ['no folder below wherever we are', 'linux', { XDG_CACHE_HOME: 'fast' }, ann, '/home/ann/.cache/fetchmany'],
  ['nor one without a name', 'linux', { XDG_CACHE_HOME: '' }, ann, '/home/ann/.cache/fetchmany'],
  ['what Windows says', 'win32', { LOCALAPPDATA: '/local', XDG_CACHE_HOME: '/x' }, ann, '/local/fetchmany'],
  ['nothing for a user without a home', 'linux', {}, nobody, undefined],
  ['nothing for one whose home is anywhere', 'linux', {}, nowhere, undefined],
])('cacheFolder() takes %s', (_, platform, env, homedir, folder) => {
  expect(cacheFolder({ platform, env, homedir })).toBe(folder);
});
