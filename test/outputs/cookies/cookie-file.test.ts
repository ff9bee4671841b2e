import { describe, expect, test } from 'vitest';
import { formatCookieFile, parseCookieFile, type SavedCookie } from '../../../src/outputs/cookies/cookie-file.ts';

const session: SavedCookie = {
  domain: 'example.com',
  isShared: true,
  path: '/app',
  isSecure: true,
  isHttpOnly: true,
  expires: 0,
  name: 'session',
  value: 'a=b; "c"',
};

describe('a cookie file', () => {
  test('is read as it was written', () => {
    const cookies = [
      session,
      { ...session, domain: '::1', isShared: false, isHttpOnly: false, expires: 4e9, value: '' },
    ];
    const text = formatCookieFile(cookies);
    expect(text).toMatch(/^# Netscape HTTP Cookie File\n/);
    expect(text).toContain('\n#HttpOnly_.example.com\tTRUE\t/app\tTRUE\t0\tsession\ta=b; "c"\n');
    expect(parseCookieFile(text)).toEqual(cookies);
  });

  test('of curl is read: comments, a missing value, Windows line breaks', () => {
    const text = '# Netscape HTTP Cookie File\r\n\r\n.Example.com\tTRUE\t/\tFALSE\t-1\tempty\r\n';
    expect(parseCookieFile(text)).toEqual([
      { ...session, path: '/', isSecure: false, isHttpOnly: false, name: 'empty', value: '' },
    ]);
  });

  test('never gets a cookie that would break its lines', () => {
    expect(formatCookieFile([{ ...session, value: 'a\nevil.com\tTRUE\t/\tFALSE\t0\tx\ty' }])).not.toContain('evil');
  });

  test.each([
    'canary',
    'a\tTRUE\t/\tFALSE\tsoon\tcanary\tx',
    'a\tYES\t/\tFALSE\t0\tcanary\tx',
    '\tTRUE\t/\tTRUE\t0\tx\tcanary',
  ])('that is something else is refused: %j', (line) => {
    expect(() => parseCookieFile(`# comment\n${line}\n`)).toThrow(/^line 2 (?!.*canary)/);
  });
});
