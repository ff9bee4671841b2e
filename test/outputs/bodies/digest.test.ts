import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { parseChecksum } from '../../../src/http/checksum.ts';
import { DigestCheck, parseDigestHeader } from '../../../src/outputs/bodies/digest.ts';

const hello = Buffer.from('hello');
const of = (algorithm: string, encoding: 'hex' | 'base64'): string =>
  createHash(algorithm).update(hello).digest(encoding);

test.each<[header: string, names: readonly string[]]>([
  [`sha-256=:${of('sha256', 'base64')}:`, ['sha256']],
  [`sha-512=:${of('sha512', 'base64')}:, sha-256=:${of('sha256', 'base64')}:`, ['sha512', 'sha256']],
  [`unixsum=:AAA=:, sha-256=:${of('sha256', 'base64')}:`, ['sha256']],
  ['sha-256=:AAA=:', []],
  ['sha-256=:!!!:', []],
  ['sha-256=x', []],
  ['', []],
  ['\u0000', []],
])('parseDigestHeader(%j) finds %j', (header, names) => {
  expect(parseDigestHeader(header).map(({ algorithm }) => algorithm)).toEqual(names);
});

test.each(['hello', 'hallo'])('DigestCheck checks every digest over all pieces of %s', (body) => {
  const check = new DigestCheck(['sha256', 'sha512'].map((name) => parseChecksum(`${name}:${of(name, 'hex')}`)!));
  for (const piece of body) check.update(Buffer.from(piece));
  expect(check.mismatch()).toBe(body === 'hello' ? undefined : 'sha256');
});
