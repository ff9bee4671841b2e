import { afterEach, describe, expect, test } from 'vitest';
import { retryAfterMs } from '../../src/http/retry-after.ts';

const now = Date.UTC(2026, 4, 1, 12, 0, 0);
const inTwoMinutes = {
  'IMF-fixdate': 'Fri, 01 May 2026 12:02:00 GMT',
  'RFC 850': 'Friday, 01-May-26 12:02:00 GMT',
  asctime: 'Fri May  1 12:02:00 2026',
};

describe('retryAfterMs()', () => {
  test.each([
    ['120', 120_000],
    ['0', 0],
    ['00042', 42_000],
    ['\t42 ', 42_000],
    ['99999999999', 99_999_999_999_000],
    ['2.0', 2000],
    ['2.542', 3000],
  ])('reads %j seconds', (value, expected) => {
    expect(retryAfterMs(value, { now })).toBe(expected);
  });

  test.each([
    '-1',
    '+1',
    '1.',
    '.5',
    '1.0.0',
    '1e3',
    '0x10',
    '²',
    '٣',
    'abc',
    '',
    ' ',
    '1, 2',
    '1 2',
    '\u00a042',
    '42\n',
    '42s',
    '2026-05-01T12:02:00Z',
    'Fri, 01 May 2026 12:02:00',
    'Infinity',
    'NaN',
  ])('ignores %j', (value) => {
    expect(retryAfterMs(value, { now })).toBe(0);
  });

  test('is 0 without a header', () => {
    expect(retryAfterMs(undefined, { now })).toBe(0);
  });

  test('is Infinity for absurdly many seconds, not an overflow', () => {
    expect(retryAfterMs(`1${'0'.repeat(400)}`, { now })).toBe(Infinity);
  });

  test('is finite and huge for the year 9999', () => {
    expect(retryAfterMs('Fri, 31 Dec 9999 23:59:59 GMT', { now })).toBe(Date.UTC(9999, 11, 31, 23, 59, 59) - now);
  });

  test('is 0 for a date in the past', () => {
    expect(retryAfterMs('Fri, 01 May 2026 11:59:59 GMT', { now })).toBe(0);
  });

  test.each([
    ['is right', 'Fri, 01 May 2026 12:00:00 GMT', 120_000],
    ['is an hour behind ours', 'Fri, 01 May 2026 11:00:00 GMT', 3_720_000],
    ['is an hour ahead of ours', 'Fri, 01 May 2026 13:00:00 GMT', 0],
    ['is an hour behind ours, as asctime with blanks', ' Fri May  1 11:00:00 2026\t', 3_720_000],
    ['is not valid', 'yesterday', 120_000],
    ['is empty', '', 120_000],
    ['is not there', undefined, 120_000],
  ])('compares a date with the Date header if that %s', (_, date, expected) => {
    expect(retryAfterMs(inTwoMinutes['IMF-fixdate'], { now, date })).toBe(expected);
  });

  test('does not compare seconds with the Date header', () => {
    expect(retryAfterMs('120', { now, date: 'Fri, 01 May 2026 11:00:00 GMT' })).toBe(120_000);
  });

  test.each([`${' '.repeat(65_000)}x`, `x${' '.repeat(65_000)}x`, `1${' '.repeat(65_000)}x`, '1'.repeat(65_000) + 'x'])(
    'reads a header of 64 KB in linear time',
    (value) => {
      const startedAt = performance.now();
      expect(retryAfterMs(value, { now, date: value })).toBe(0);
      expect(performance.now() - startedAt).toBeLessThan(100);
    },
  );

  describe.each([
    ['UTC', 0],
    ['Asia/Jerusalem', -180],
    ['America/St_Johns', 150],
  ])('in the time zone %s', (timeZone, offsetMinutes) => {
    const before = process.env['TZ'];
    afterEach(() => {
      if (before === undefined) delete process.env['TZ'];
      else process.env['TZ'] = before;
    });

    test.each(Object.entries(inTwoMinutes))('reads %s as the same wait', (_, value) => {
      process.env['TZ'] = timeZone;
      expect(new Date(now).getTimezoneOffset()).toBe(offsetMinutes);
      expect(retryAfterMs(value, { now })).toBe(120_000);
      expect(retryAfterMs(value, { now, date: 'Fri May  1 12:01:00 2026' })).toBe(60_000);
    });
  });
});
