import { describe, expect, test } from 'vitest';
import { parseRequestLimits } from '../../src/http/request-limits.ts';
import { parseRequest, type RequestInput, type RequestObject } from '../../src/http/request.ts';

describe('parseRequestLimits()', () => {
  test('reads the options of a request', () => {
    const sha256 = 'AB'.repeat(32);
    const options = { timeoutMs: 5, retries: 0, maxBodyBytes: 0, proxy: 'none', file: 'a.html', sha256, expect: '404' };
    const { isExpected, ...limits } = parseRequestLimits({ url: 'http://a/', ...options })!;
    expect(limits).toEqual({
      timeoutMs: 5,
      retries: 0,
      maxBodyBytes: 0,
      proxy: 'none',
      file: 'a.html',
      sha256: sha256.toLowerCase(),
    });
    expect([isExpected!(404), isExpected!(200)]).toEqual([true, false]);
  });

  test('parses a proxy, and refuses one that it cannot use without repeating it', () => {
    expect(parseRequestLimits({ url: 'http://a/', proxy: 'p:1' })?.proxy).toMatchObject({ name: 'http://p:1' });
    expect(parseRequest({ url: 'http://a/', proxy: 'ftp://secret@p' }, [])).toMatchObject({
      error: { code: 'REQUEST_INVALID', message: expect.not.stringContaining('secret') as unknown },
    });
  });

  test('gives nothing for a request without options', () => {
    expect(parseRequestLimits({ url: 'http://a/', method: 'POST', body: 'x' })).toBeUndefined();
  });

  test.each<[keyof RequestObject, unknown, string]>([
    ['timeoutMs', 0, 'a number of milliseconds > 0'],
    ['timeoutMs', '5', 'a number of milliseconds > 0'],
    ['retries', -1, 'an integer >= 0'],
    ['retries', 1.5, 'an integer >= 0'],
    ['maxBodyBytes', '1MB', 'an integer >= 0'],
    ['expect', '200-', `a list such as '200-399,404'`],
    ['expect', 200, `a list such as '200-399,404'`],
    ['proxy', 5, `a URL, or 'none'`],
    ['file', 5, 'a string that is not empty'],
    ['sha256', 'abc', '64 hexadecimal digits'],
    ['checksum', 'abc', 'checksums such as sha256:HEX'],
  ])('makes a record of a wrong %s: %j', (name, value, wanted) => {
    const input = { url: 'http://a/', [name]: value } as RequestInput;
    const request = parseRequest(input, []);
    expect(request).toMatchObject({ url: 'http://a/', error: { code: 'REQUEST_INVALID' } });
    expect((request as { error: Error }).error.message).toContain(`'${name}' must be ${wanted}`);
  });
});
