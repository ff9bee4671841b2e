import { describe, expect, test } from 'vitest';
import type { RobotsRules } from '../../src/http/robots-txt.ts';
import { RobotsFiles } from '../../src/scheduling/robots-files.ts';

const a = 'http://a.test';
const day = 24 * 60 * 60 * 1000;

const rules = (more: Partial<RobotsRules> = {}): RobotsRules => ({
  crawlDelayMs: 0,
  size: 10,
  denialOf: (path) => (path.startsWith('/private') ? 'line 2: disallow: /private (for *)' : undefined),
  ...more,
});

describe('RobotsFiles', () => {
  test('wants each file once, in order, until it is read or dropped', () => {
    const files = new RobotsFiles();
    let calls = 0;
    files.onWanted = () => (calls += 1);
    for (const origin of [a, 'http://b.test', a]) files.want(origin);
    expect(calls).toBe(2);
    expect([files.nextWanted(), files.nextWanted(), files.nextWanted()]).toEqual([a, 'http://b.test', undefined]);
    files.want(a);
    expect(files.nextWanted()).toBe(undefined);
    files.drop(a);
    files.want(a);
    expect(files.nextWanted()).toBe(a);
  });

  test('knows a file for a day', () => {
    const files = new RobotsFiles();
    expect(files.isKnown(a, 0)).toBe(false);
    files.read(a, rules(), 100);
    expect([files.isKnown(a, day + 99), files.isKnown(a, day + 100)]).toEqual([true, false]);
  });

  test.each<[string, Parameters<RobotsFiles['read']>[1], string | undefined, boolean, number]>([
    ['rules', rules(), 'robots.txt line 2: disallow: /private (for *)', false, day],
    ['none', 'allows all', undefined, false, day],
    ['out of reach', 'out of reach', undefined, false, 60_000],
    [
      'unreadable',
      { unreadable: '503' },
      `All URLs are disallowed, as ${a}/robots.txt cannot be read: 503`,
      true,
      60_000,
    ],
  ])('judges paths by a file: %s', (_, file, message, retryable, lastsMs) => {
    const files = new RobotsFiles();
    files.read(a, file, 0);
    const denial = files.denial(a, '/private/x');
    expect(denial?.message).toBe(message);
    if (denial !== undefined) expect(denial).toMatchObject({ code: 'ROBOTS_DENIED', retryable });
    expect([files.isKnown(a, lastsMs - 1), files.isKnown(a, lastsMs)]).toEqual([true, false]);
  });

  test('goes by an old file while it cannot be read again', () => {
    const files = new RobotsFiles();
    files.read(a, rules(), 0);
    files.read(a, { unreadable: 'TIMEOUT' }, day);
    expect(files.denial(a, '/public')).toBe(undefined);
    expect(files.denial(a, '/private')).toBeDefined();
    expect([files.isKnown(a, day + 59_999), files.isKnown(a, day + 60_000)]).toEqual([true, false]);
  });

  test('keeps a Crawl-delay between starts, one request at a time, 30 s at most', () => {
    const files = new RobotsFiles();
    files.read(a, rules({ crawlDelayMs: 2000 }), 0);
    expect(files.openAt(a, 0)).toBe(-Infinity);
    files.started(a, 500);
    expect(files.openAt(a, 0)).toBe(2500);
    expect(files.openAt(a, 1)).toBe(Infinity);
    files.read('http://b.test', rules({ crawlDelayMs: 600_000 }), 0);
    files.started('http://b.test', 0);
    expect(files.openAt('http://b.test', 0)).toBe(30_000);
    expect(files.delayed()).toEqual([
      { host: a, delayMs: 2000, askedMs: 2000 },
      { host: 'http://b.test', delayMs: 30_000, askedMs: 600_000 },
    ]);
    expect(files.openAt('http://c.test', 5)).toBe(-Infinity);
  });

  test('forgets the files that were not used for longest: beyond 10,000, or 50 million characters', () => {
    const files = new RobotsFiles();
    for (let host = 0; host < 10_001; host += 1) files.read(`http://h${host}.test`, rules(), 0);
    expect(files.isKnown('http://h0.test', 0)).toBe(false);
    expect(files.isKnown('http://h1.test', 0)).toBe(true);
    files.started('http://h1.test', 0);
    files.read('http://big.test', rules({ size: 49_900_050 }), 0);
    expect(files.isKnown('http://h2.test', 0)).toBe(false);
    expect(files.isKnown('http://h1.test', 0)).toBe(true);
    files.read('http://bigger.test', rules({ size: 60_000_000 }), 0);
    expect(files.isKnown('http://big.test', 0)).toBe(false);
    expect(files.isKnown('http://bigger.test', 0)).toBe(true);
  });
});
