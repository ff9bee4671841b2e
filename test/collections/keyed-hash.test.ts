import { expect, test } from 'vitest';
import { KeyedHash } from '../../src/collections/keyed-hash.ts';

const hashed = (texts: readonly string[], key: readonly number[] = [1, 2]): string => {
  const hash = new KeyedHash(Uint32Array.from(key));
  hash.hashTexts(texts);
  return `${hash.high}:${hash.low}`;
};

test('KeyedHash depends on the boundaries of texts, and on the key', () => {
  const all = [['ab'], ['a', 'b'], ['', 'ab'], ['ab', ''], ['a\0', 'b'], ['a', '\0b'], [], [''], ['', '']];
  expect(new Set(all.map((texts) => hashed(texts))).size).toBe(all.length);
  expect(hashed(['ab'])).toBe(hashed(['ab']));
  expect(hashed(['ab'])).not.toBe(hashed(['ab'], [1, 3]));
});

test('KeyedHash gives 200,000 similar texts different hashes, with evenly distributed bits', () => {
  const hash = new KeyedHash(Uint32Array.of(7, 9));
  const seen = new Set<bigint>();
  const ones = Array.from({ length: 64 }, () => 0);
  for (let index = 0; index < 200_000; index += 1) {
    hash.hashTexts(['GET', `http://a/${index}`]);
    const whole = (BigInt(hash.high) << 32n) | BigInt(hash.low);
    seen.add(whole);
    for (let bit = 0; bit < 32; bit += 1) {
      ones[bit]! += (hash.low >>> bit) & 1;
      ones[bit + 32]! += (hash.high >>> bit) & 1;
    }
  }
  expect(seen.size).toBe(200_000);
  for (const count of ones) expect(Math.abs(count - 100_000)).toBeLessThan(1500);
});
