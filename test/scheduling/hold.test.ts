import { describe, expect, test } from 'vitest';
import { Hold } from '../../src/scheduling/hold.ts';

const silence = { isSilence: true, isFirst: true };
const status = { isSilence: false, isFirst: true };

/** A hold after so many silences, each known before the next request is sent. */
function afterSilences(count: number, patienceMs = 60_000, hasAnswered = true): Hold {
  const hold = new Hold(patienceMs, hasAnswered);
  for (let at = 0; at < count; at += 1) hold.failed({ now: 1000 + at * 10, startedAt: 1000 + at * 10, ...silence });
  return hold;
}

/** Fails every request that asks, and returns the times at which they did. */
function askUntilDown(hold: Hold): number[] {
  const asked: number[] = [];
  for (let now = hold.openAt(0); hold.isHeld; now = hold.openAt(0)) {
    asked.push(now);
    hold.started(now);
    hold.failed({ now, startedAt: now, ...silence });
  }
  return asked;
}

describe('Hold', () => {
  test('starts with the fifth silence in a row', () => {
    expect(afterSilences(4).isHeld).toBe(false);
    expect(afterSilences(5).isHeld).toBe(true);
  });

  test('does not start when all slots fail in one moment', () => {
    const hold = new Hold(60_000, true);
    for (let slot = 0; slot < 50; slot += 1) hold.failed({ now: 1000, startedAt: 900, ...silence });
    expect(hold.isHeld).toBe(false);
  });

  test('starts with the twentieth bad status in a row, of first attempts only', () => {
    const hold = new Hold(60_000, true);
    for (let at = 0; at < 100; at += 1) hold.failed({ now: at, startedAt: at, isSilence: false, isFirst: false });
    for (let at = 100; at < 119; at += 1) hold.failed({ now: at, startedAt: at, ...status });
    expect(hold.isHeld).toBe(false);
    hold.failed({ now: 119, startedAt: 119, ...status });
    expect(hold.isHeld).toBe(true);
  });

  test('asks with one request at a time, after 1, 2, 4, 8 and then 10 s', () => {
    const hold = afterSilences(5);
    expect(hold.openAt(1)).toBe(Infinity);
    const asked = askUntilDown(hold);
    const gaps = asked.map((at, index) => at - (asked[index - 1] ?? 1040));
    expect(gaps).toEqual([1000, 2000, 4000, 8000, 10_000, 10_000, 10_000, 10_000, 10_000]);
  });

  test('does not wait longer because of attempts from before the hold', () => {
    const hold = afterSilences(5);
    hold.failed({ now: 1500, startedAt: 1020, ...silence });
    expect(hold.openAt(0)).toBe(2040);
  });

  test('ends with any answer', () => {
    const hold = afterSilences(5);
    hold.answered(3000);
    expect(hold.openAt(5)).toBe(-Infinity);
    expect(hold.tried).toBe(0);
    expect(hold.waitedMs).toBe(3000 - 1040);
  });

  test.each([
    ['60 s', 60_000, true, 60_000],
    ['10 s, if the host has never answered', 60_000, false, 10_000],
    ['the option, if that is less than 10 s', 5000, false, 5000],
  ])('gives the host up after %s', (_, patienceMs, hasAnswered, expected) => {
    const hold = afterSilences(5, patienceMs, hasAnswered);
    const downAt = askUntilDown(hold).at(-1)!;
    expect(hold.isDown).toBe(true);
    expect(downAt - 1000).toBeGreaterThanOrEqual(expected);
    expect(downAt - 1000).toBeLessThan(expected + 10_000);
  });

  test('gives the host up at once with a patience of 0, and never with Infinity', () => {
    expect(afterSilences(5, 0).isDown).toBe(true);
    const endless = afterSilences(5, Infinity);
    for (let ask = 0; ask < 1000; ask += 1)
      endless.failed({ now: endless.openAt(0), startedAt: endless.openAt(0), ...silence });
    expect(endless.isHeld).toBe(true);
  });

  test('lets one request in a minute through to a host that is down', () => {
    const hold = afterSilences(5, 0);
    expect(hold.rejects(1041)).toBe(true);
    expect(hold.rejects(61_040)).toBe(false);
    hold.started(61_040);
    expect(hold.rejects(61_041)).toBe(true);
    hold.answered(61_100);
    expect(hold.rejects(61_041)).toBe(false);
  });
});
