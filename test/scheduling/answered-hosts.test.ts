import { expect, test } from 'vitest';
import { AnsweredHosts } from '../../src/scheduling/answered-hosts.ts';

const nameOf = (at: number): string => `https://host${at}.example`;

test('the last 5,000 of many hosts are known, and few others', () => {
  const answered = new AnsweredHosts();
  for (let at = 0; at < 100_000; at += 1) answered.add(nameOf(at));
  for (let at = 95_000; at < 100_000; at += 1) expect(answered.has(nameOf(at))).toBe(true);
  let mistaken = 0;
  for (let at = 200_000; at < 210_000; at += 1) mistaken += Number(answered.has(nameOf(at)));
  expect(mistaken).toBeLessThan(1000);
});
