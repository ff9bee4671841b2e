import { expect, test } from 'vitest';
import { FileClaims } from '../../../src/outputs/bodies/file-claims.ts';

const claimant = (hash: string, index = 0, isSame = false) => ({ hash, index, hasSameBytes: () => isSame });

test.each<[what: string, names: readonly string[], given: readonly string[]]>([
  ['different names', ['a', 'b'], ['a', 'b']],
  ['names that differ in case', ['A.html', 'a.html'], ['A.html', 'a~00000001.html']],
  ['names that differ in normalization', ['caf\u00e9', 'cafe\u0301'], ['caf\u00e9', 'cafe\u0301~00000001']],
  ['a file, then a folder of that name', ['a', 'a/b'], ['a', 'a~00000001/b']],
  ['a folder, then a file of that name', ['a/b', 'a'], ['a/b', 'a~00000001']],
  ['one name thrice', ['a.txt', 'a.txt', 'a.txt'], ['a.txt', 'a~00000001.txt', 'a~00000002.txt']],
  ['a name that has its suffix already', ['a~00000001', 'a~00000001'], ['a~00000001', 'a~00000001~1']],
])('claim() keeps %s apart', (_, names, given) => {
  const claims = new FileClaims();
  expect(names.map((name, at) => claims.claim(name, claimant(`0000000${at}`, at)).path)).toEqual(given);
});

test('claim() lets equal requests share a file only where their bytes are equal', () => {
  const claims = new FileClaims();
  claims.claim('a.txt', claimant('0000000a', 0));
  expect(claims.claim('a.txt', claimant('0000000a', 1, true))).toEqual({
    path: 'a.txt',
    isShared: true,
    isReserved: false,
  });
  expect(claims.claim('a.txt', claimant('0000000a', 2))).toEqual({
    path: 'a~2.txt',
    isShared: false,
    isReserved: false,
  });
  expect(claims.claim('a.txt', claimant('0000000a', 3))).toEqual({
    path: 'a~3.txt',
    isShared: false,
    isReserved: false,
  });
});

test('claim() heeds names that were restored', () => {
  const claims = new FileClaims();
  claims.restore('d/a.txt', '0000000a');
  expect(claims.claim('d/a.txt', claimant('0000000b')).path).toBe('d/a~0000000b.txt');
  expect(claims.claim('d', claimant('0000000c')).path).toBe('d~0000000c');
});

test('claim() takes time in proportion to the names, also when all ask for one', () => {
  const time = (count: number): number => {
    const claims = new FileClaims();
    const start = performance.now();
    const given = new Set<string>();
    for (let at = 0; at < count; at += 1)
      given.add(claims.claim('x', claimant(at.toString(16).padStart(8, '0'), at)).path);
    expect(given.size).toBe(count);
    return performance.now() - start;
  };
  time(2000);
  expect(time(20_000) / time(2000)).toBeLessThan(60);
});

test('claim() gives a reserved name back to its request once, and to no other', () => {
  const claims = new FileClaims();
  claims.reserve('a.txt', '0000000a');
  expect(claims.claim('a.txt', claimant('0000000b')).path).toBe('a~0000000b.txt');
  expect(claims.claim('a.txt', claimant('0000000a', 4))).toEqual({ path: 'a.txt', isShared: false, isReserved: true });
  expect(claims.claim('a.txt', claimant('0000000a', 5)).path).toBe('a~5.txt');
  claims.reserve('b.txt', '0000000c');
  claims.restore('b.txt', '0000000c');
  expect(claims.claim('b.txt', claimant('0000000c', 6)).path).toBe('b~6.txt');
});

test('take() claims a name that is free or its own', () => {
  const claims = new FileClaims();
  expect(claims.take('d/a.txt', '0000000a')).toBe(true);
  expect(claims.take('d/a.txt', '0000000a')).toBe(true);
  expect(claims.take('d/a.txt', '0000000b')).toBe(false);
  expect(claims.take('d', '0000000b')).toBe(false);
  expect(claims.take('d/a.txt/b', '0000000b')).toBe(false);
});
