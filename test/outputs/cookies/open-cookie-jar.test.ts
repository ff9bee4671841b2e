import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openCookieJar } from '../../../src/outputs/cookies/open-cookie-jar.ts';
import { temporary } from '../../helpers/temporary.ts';

const files = temporary('cookies');

test('a jar writes its cookies, readable by the owner only, and the next one reads them', async () => {
  const path = files.path('cookies.txt');
  const first = await openCookieJar(path);
  await first.setCookie('a=1; Max-Age=1000; Path=/x; HttpOnly', 'https://www.example.com/x/y');
  await first.setCookie('b=2; Domain=example.com; Secure', 'https://www.example.com/');
  await first.setCookie('gone=1; Max-Age=0', 'https://www.example.com/');
  expect(existsSync(path)).toBe(false);
  await first.close();
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const second = await openCookieJar(path);
  expect(await second.getCookieString('https://www.example.com/x/')).toBe('a=1; b=2');
  expect(await second.getCookieString('https://api.example.com/')).toBe('b=2');
  expect(await second.getCookieString('http://www.example.com/')).toBe('');
  await second.close();
  expect(existsSync(`${path}.lock`)).toBe(false);
});

test('a jar without a change leaves its file alone, and one without a file keeps cookies in memory', async () => {
  const path = files.path('cookies.txt');
  writeFileSync(path, 'example.com\tFALSE\t/\tFALSE\t0\ta\t1\n');
  await (await openCookieJar(path)).close();
  expect(readFileSync(path, 'utf8')).toBe('example.com\tFALSE\t/\tFALSE\t0\ta\t1\n');
  await using jar = await openCookieJar();
  await jar.setCookie('a=1', 'http://[::1]:8080/');
  expect(await jar.getCookieString('http://[::1]:8080/')).toBe('a=1');
});

test.each([
  ['Domain=com', 'https://example.com/'],
  ['Domain=co.uk', 'https://example.co.uk/'],
  ['Domain=other.com', 'https://example.com/'],
])('refuses a cookie with %s from %s', async (attribute, url) => {
  await using jar = await openCookieJar();
  expect(() => jar.setCookie(`a=1; ${attribute}`, url)).toThrow();
  expect(await jar.getCookieString(url)).toBe('');
});

test('a second process is refused while the first has the file, so that no cookie is lost', async () => {
  const path = files.path('cookies.txt');
  await using _ = await openCookieJar(path);
  await expect(openCookieJar(path)).rejects.toThrow(/cookies\.txt/);
});

test('a file that is something else is refused with its line, and left as it was', async () => {
  const path = files.path('canary.jsonl');
  writeFileSync(path, '{"canary-content":1}\n');
  await expect(openCookieJar(path)).rejects.toThrow(/it is not a cookie file: line 1 (?!.*canary-content)/);
  expect(readFileSync(path, 'utf8')).toBe('{"canary-content":1}\n');
  expect(existsSync(`${path}.lock`)).toBe(false);
});
