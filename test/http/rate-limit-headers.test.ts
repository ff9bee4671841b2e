import { describe, expect, test } from 'vitest';
import { readRateLimit } from '../../src/http/rate-limit-headers.ts';

const now = Date.UTC(2026, 4, 1, 12, 0, 0);
const epochSeconds = now / 1000;

type Headers = Readonly<Record<string, string | string[]>>;

const families: readonly (readonly [family: string, headers: Headers, remaining: number, resetMs: number])[] = [
  ['draft 11', { ratelimit: '"default";r=50;t=30' }, 50, 30_000],
  ['draft 11, two policies', { ratelimit: '"burst";r=9;t=10, "day";r=5;t=3600' }, 5, 3_600_000],
  ['draft 11, two headers', { ratelimit: ['"a";r=50;t=30', '"b";r=1;t=30'] }, 1, 30_000],
  ['draft 08, a token as name', { ratelimit: 'default;r=50;t=30' }, 50, 30_000],
  [
    'draft 11, bytes beside requests',
    { ratelimit: '"bytes";r=0;t=30, "all";r=4;t=30', 'ratelimit-policy': '"bytes";q=9;qu="content-bytes", "all";q=9' },
    4,
    30_000,
  ],
  ['draft 07', { ratelimit: 'limit=100, remaining=50, reset=30' }, 50, 30_000],
  ['draft 06', { 'ratelimit-remaining': '50', 'ratelimit-reset': '30' }, 50, 30_000],
  ['GitLab', { 'ratelimit-remaining': '50', 'ratelimit-reset': String(epochSeconds + 30) }, 50, 30_000],
  ['GitHub', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(epochSeconds + 3000) }, 0, 3_000_000],
  ['X', { 'x-rate-limit-remaining': '7', 'x-rate-limit-reset': String(epochSeconds + 900) }, 7, 900_000],
  ['Reddit', { 'x-ratelimit-remaining': '596.0', 'x-ratelimit-reset': '12' }, 596, 12_000],
  ['Discord', { 'x-ratelimit-remaining': '4', 'x-ratelimit-reset': '1', 'x-ratelimit-reset-after': '1.25' }, 4, 1250],
  ['Vimeo', { 'x-ratelimit-remaining': '4', 'x-ratelimit-reset': '2026-05-01T12:00:30+00:00' }, 4, 30_000],
  ['an HTTP date', { 'x-ratelimit-remaining': '4', 'x-ratelimit-reset': 'Fri, 01 May 2026 12:00:30 GMT' }, 4, 30_000],
  ['Rocket.Chat', { 'x-ratelimit-remaining': '4', 'x-ratelimit-reset': String(now + 30_000) }, 4, 30_000],
  [
    'OpenAI',
    {
      'x-ratelimit-remaining-requests': '59',
      'x-ratelimit-reset-requests': '6m0s',
      'x-ratelimit-remaining-tokens': '0',
    },
    59,
    360_000,
  ],
  ['a span in milliseconds', { 'x-ratelimit-remaining': '4', 'x-ratelimit-reset': '250ms' }, 4, 250],
  ['a reset that has passed', { 'x-ratelimit-remaining': '4', 'x-ratelimit-reset': String(epochSeconds - 30) }, 4, 0],
];

const unbelieved: readonly (readonly [name: string, headers: Headers])[] = [
  ['no header of this kind', { server: 'x', 'x-request-id': '1' }],
  ['a draft 11 header without time', { ratelimit: '"default";r=50' }],
  ['a draft 11 header without remaining', { ratelimit: '"default";t=50' }],
  ['a negative remaining', { ratelimit: '"default";r=-1;t=30' }],
  ['a text as remaining', { 'x-ratelimit-remaining': 'many', 'x-ratelimit-reset': '30' }],
  ['a remaining without reset', { 'x-ratelimit-remaining': '4' }],
  ['a reset without remaining', { 'x-ratelimit-reset': '4' }],
  ['a negative reset', { 'x-ratelimit-remaining': '4', 'x-ratelimit-reset': '-30' }],
  ['a reset that no clock will reach', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1'.repeat(20) }],
  ['a reset of many characters', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '9'.repeat(65_000) }],
  ['an ISO date without zone', { 'x-ratelimit-remaining': '4', 'x-ratelimit-reset': '2026-05-01T12:00:30' }],
  ['two headers that are one figure', { 'x-ratelimit-remaining': ['4', '5'], 'x-ratelimit-reset': '30' }],
  ['an empty header', { ratelimit: '' }],
  ['only a limit of bytes', { ratelimit: '"b";r=0;t=30', 'ratelimit-policy': '"b";q=9;qu="content-bytes"' }],
  ['a response from a cache', { ratelimit: '"default";r=0;t=30', age: '12' }],
];

describe('readRateLimit()', () => {
  test.each(families)('reads %s', (_, headers, remaining, resetMs) => {
    expect(readRateLimit(headers, now)).toEqual({ remaining, resetMs });
  });

  test.each(unbelieved)('ignores %s', (_, headers) => {
    expect(readRateLimit(headers, now)).toBeUndefined();
  });

  test.each([
    ['an hour behind', 'Fri, 01 May 2026 11:00:00 GMT', epochSeconds - 3600 + 30],
    ['an hour ahead', 'Fri, 01 May 2026 13:00:00 GMT', epochSeconds + 3600 + 30],
  ])('compares a time with the Date of a server whose clock is %s', (_, date, reset) => {
    const headers = { date, 'x-ratelimit-remaining': '4', 'x-ratelimit-reset': String(reset) };
    expect(readRateLimit(headers, now)).toEqual({ remaining: 4, resetMs: 30_000 });
  });

  test('reads a header of 64 KB in linear time', () => {
    const startedAt = performance.now();
    for (const value of ['"a";'.repeat(16_000), ','.repeat(65_000), ' '.repeat(65_000), '"'.repeat(65_000)])
      readRateLimit({ ratelimit: value, 'ratelimit-policy': value }, now);
    expect(performance.now() - startedAt).toBeLessThan(200);
  });
});
