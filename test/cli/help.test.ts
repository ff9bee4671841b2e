import { expect, test } from 'vitest';
import { fetchFlags } from '../../cli/fetch-flags.ts';
import { demoHelp, fetchHelp, serveHelp } from '../../cli/help.ts';
import { resolveOptions } from '../../src/options.ts';

/** What the help says of a default. */
const told = (flag: string): string | undefined =>
  new RegExp(`--${flag} [^(]*?\\(default ([^)]*)\\)`).exec(fetchHelp.replaceAll(/\n\s+(?!-)/g, ' '))?.[1];

test('fetchHelp names every flag, with its letter', () => {
  for (const [name, flag] of Object.entries(fetchFlags)) {
    const short = 'short' in flag ? `-${flag.short}, ` : '';
    expect(fetchHelp).toContain(name === 'key' ? '--cert, --key' : `${short}--${name}`);
  }
});

test('fetchHelp names no flag that there is not', () => {
  for (const [, name] of fetchHelp.matchAll(/--([a-z][\w-]*)/g)) expect(Object.keys(fetchFlags)).toContain(name);
});

test('fetchHelp tells the defaults that the library has', () => {
  const options = resolveOptions();
  expect(told('concurrency')).toBe(String(options.concurrency));
  expect(told('per-host')).toBe(String(options.perHost.concurrency));
  expect(told('retries')).toBe(String(options.retry.retries));
  expect(told('timeout')).toBe(`${options.timeoutMs / 1000}s`);
  expect(told('connect-timeout')).toBe(`${options.connectTimeoutMs / 1000}s`);
  expect(told('max-body')).toBe(`${options.maxBodyBytes / 1e6}MB`);
  expect(told('max-redirects')).toBe(String(options.maxRedirects));
  expect(told('read-ahead')).toBe(String(options.readAhead));
  const expected = /statuses that are ok \(default (\d+)-(\d+)\)/.exec(fetchHelp)!;
  expect([Number(expected[1]), Number(expected[2])].map(options.isExpected)).toEqual([true, true]);
  expect([Number(expected[1]) - 1, Number(expected[2]) + 1].map(options.isExpected)).toEqual([false, false]);
});

test('the help fits a terminal', () => {
  for (const help of [fetchHelp, demoHelp, serveHelp]) {
    for (const line of help.split('\n')) expect(line.length, line).toBeLessThanOrEqual(96);
  }
});
