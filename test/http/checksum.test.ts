import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { parseChecksum, parseChecksums } from '../../src/http/checksum.ts';

const of = (algorithm: string, encoding: 'hex' | 'base64'): string =>
  createHash(algorithm).update('hello').digest(encoding);

test.each<[text: string, name: string | undefined]>([
  [`sha256:${of('sha256', 'hex')}`, 'sha256'],
  [`SHA256:${of('sha256', 'hex').toUpperCase()}`, 'sha256'],
  [`sha512-${of('sha512', 'base64')}`, 'sha512'],
  [` md5:${of('md5', 'hex')} `, 'md5'],
  [`sha1-${of('sha1', 'hex')}`, 'sha1'],
  [of('sha256', 'hex'), undefined],
  [`md5:${of('sha256', 'hex')}`, undefined],
  [`sha256:${of('sha256', 'base64')}`, undefined],
  ['sha256:xyz', undefined],
  ['sha256-AAAA', undefined],
  ['crc32:01234567', undefined],
  ['', undefined],
])('parseChecksum(%j) finds %s', (text, name) => {
  const digest = parseChecksum(text);
  expect(digest?.algorithm).toBe(name);
  if (digest) expect(Buffer.from(digest.bytes).toString('hex')).toBe(of(digest.algorithm, 'hex'));
});

test('parseChecksums() reads all of several, or none', () => {
  const [md5, sha1] = [`md5:${of('md5', 'hex')}`, `sha1:${of('sha1', 'hex')}`];
  expect(parseChecksums(`${md5}  ${sha1}\n`)?.map(({ algorithm }) => algorithm)).toEqual(['md5', 'sha1']);
  expect(parseChecksums(`${md5} sha1:x`)).toBeUndefined();
  expect(parseChecksums(' ')).toBeUndefined();
});
