import { expect, test } from 'vitest';
import { unpackBars, type Bars } from '../../../../src/pages/browser/timeline/bars.ts';
import { arrangeByStart } from '../../../../src/pages/browser/timeline/by-start.ts';
import { barAt, makeBuffer, type Frame } from '../../../../src/pages/browser/timeline/frame.ts';
import { arrangeLanes, laneTopOf, layLanes } from '../../../../src/pages/browser/timeline/lanes.ts';
import { paintBars, type Pixels } from '../../../../src/pages/browser/timeline/raster.ts';
import { wholeRun } from '../../../../src/pages/browser/timeline/viewport.ts';

interface Made {
  readonly start: number;
  readonly elapsed: number;
  readonly verdict?: number;
  readonly host?: number;
  readonly firstByte?: number;
  readonly download?: number;
}

function barsOf(made: readonly Made[]): Bars {
  const none = made.map(() => 0);
  return unpackBars({
    bars: {
      gapsMs: made.map(({ start }, at) => start - (made[at - 1]?.start ?? 0)),
      elapsedMs: made.map(({ elapsed }) => elapsed),
      verdicts: made.map(({ verdict = 0 }) => verdict),
      hosts: made.map(({ host = 0 }) => host),
      phases: {
        dns: none,
        connect: none,
        proxy: none,
        tls: none,
        firstByte: made.map(({ firstByte = 0 }) => firstByte),
        download: made.map(({ download = 0 }) => download),
      },
      labels: none,
      methods: none,
      indexes: none,
      attempts: none,
      lengths: none,
      paths: made.map(() => '/'),
    },
  });
}

function shown({ count, bars, tops }: Frame): [bar: number, top: number][] {
  return Array.from(bars.subarray(0, count), (bar, at) => [bar, tops[at]!]);
}

test('unpackBars() puts the phases at the end of the bar, where the last attempt is', () => {
  const { starts, waits, bodies, ends } = barsOf([
    { start: 10, elapsed: 100, firstByte: 20, download: 5 },
    { start: 30, elapsed: 50 },
    { start: 30, elapsed: 10, firstByte: 20, download: 5 },
  ]);
  expect([...starts]).toEqual([10, 30, 30]);
  expect([...waits]).toEqual([85, 30, 30]);
  expect([...bodies]).toEqual([105, 30, 35]);
  expect([...ends]).toEqual([110, 80, 40]);
});

test('arrangeByStart() gives a row to each bar in the viewport and to no other', () => {
  const bars = barsOf([
    { start: 0, elapsed: 10 },
    { start: 5, elapsed: 100 },
    { start: 40, elapsed: 20 },
    { start: 90, elapsed: 5 },
  ]);
  const frame = arrangeByStart(bars, { fromMs: 30, toMs: 80 }, 20, makeBuffer(bars));
  expect(shown(frame)).toEqual([
    [1, 0],
    [2, 10],
  ]);
});

test('layLanes() never lets bars of a lane overlap and needs no more lanes than bars at once', () => {
  const bars = barsOf(
    Array.from({ length: 500 }, (_, at) => ({ start: at, elapsed: 1 + ((at * 37) % 20), host: at % 3 })),
  );
  for (const grouping of ['host', 'all'] as const) {
    const { groups, laneCount } = layLanes(bars, grouping);
    expect(groups).toHaveLength(grouping === 'host' ? 3 : 1);
    const all = groups.flatMap(({ lanes }) => lanes);
    expect(all).toHaveLength(laneCount);
    expect(all.reduce((sum, lane) => sum + lane.length, 0)).toBe(500);
    for (const lane of all) {
      for (let at = 1; at < lane.length; at += 1) {
        expect(bars.starts[lane[at]!]).toBeGreaterThanOrEqual(bars.ends[lane[at - 1]!]!);
      }
    }
  }
  expect(layLanes(bars, 'all').laneCount).toBeLessThanOrEqual(20);
});

test('arrangeLanes() lays out visible bars by host, and scrolls', () => {
  const bars = barsOf([
    { start: 0, elapsed: 10, host: 0 },
    { start: 5, elapsed: 10, host: 1 },
    { start: 6, elapsed: 10, host: 1 },
    { start: 50, elapsed: 10, host: 1 },
  ]);
  const lanes = layLanes(bars, 'host');
  const buffer = makeBuffer(bars);
  const view = { fromMs: 0, toMs: 20 };
  const frame = arrangeLanes(bars, lanes, view, { height: 84, scroll: 0 }, buffer);
  expect(frame.headings).toEqual([
    { host: 1, top: 0 },
    { host: 0, top: 50 },
  ]);
  expect(shown(frame)).toEqual([
    [1, 18],
    [2, 34],
    [0, 68],
  ]);
  const scrolled = arrangeLanes(bars, lanes, view, { height: 20, scroll: 30 }, buffer);
  expect(scrolled.height).toBe(48);
  expect(shown(scrolled)).toEqual([[0, 14]]);
  expect([0, 1, 2, 3].map((bar) => laneTopOf(bar, lanes, 84))).toEqual([68, 18, 34, 18]);
});

test('barAt() finds the bar at a point, the nearest one beside it, or none', () => {
  const bars = barsOf([
    { start: 0, elapsed: 10 },
    { start: 50, elapsed: 10 },
  ]);
  const frame = arrangeByStart(bars, { fromMs: 0, toMs: 100 }, 40, makeBuffer(bars));
  const find = (ms: number, y: number): number | undefined => barAt(frame, bars, ms, y, 1);
  expect([find(5, 5), find(55, 25), find(15, 5), find(90, 5)]).toEqual([0, 1, 0, undefined]);
});

const colors = [1, 2, 3, 4].map((verdict) => ({ early: verdict * 10, wait: verdict * 10 + 1, body: verdict * 10 + 2 }));

function painted(made: readonly Made[], width: number, height: number): Pixels {
  const bars = barsOf(made);
  const pixels = { data: new Uint32Array(width * height), width, height };
  const end = Math.max(...bars.ends);
  paintBars(
    pixels,
    arrangeByStart(bars, { fromMs: 0, toMs: end }, height, makeBuffer(bars)),
    bars,
    { fromMs: 0, toMs: end },
    colors,
    1,
  );
  return pixels;
}

test('paintBars() paints the three colours of a bar over its full height', () => {
  const { data } = painted([{ start: 0, elapsed: 10, firstByte: 5, download: 3 }], 10, 3);
  const row = [10, 10, 11, 11, 11, 11, 11, 12, 12, 12];
  expect([...data]).toEqual([...row, ...row, ...Array.from({ length: 10 }, () => 0)]);
});

test('paintBars() paints a failure over other bars on the same pixel', () => {
  const { data } = painted(
    [
      { start: 0, elapsed: 1, verdict: 2 },
      { start: 0.5, elapsed: 9.5 },
    ],
    10,
    1,
  );
  expect(data[0]).toBe(32);
});

test('paintBars() does not let a few failures colour a crowd of bars', () => {
  const made = Array.from({ length: 10_000 }, (_, at) => ({ start: at, elapsed: 5, verdict: at % 50 === 0 ? 2 : 0 }));
  const { data } = painted(made, 100, 50);
  const failed = data.filter((pixel) => pixel === 32).length;
  const ok = data.filter((pixel) => pixel === 12).length;
  expect(ok).toBeGreaterThan(50);
  expect(failed).toBeLessThan(ok / 4);
});

test('wholeRun() shows every bar', () => {
  const bars = barsOf([
    { start: 0, elapsed: 0 },
    { start: 7, elapsed: 3 },
  ]);
  expect(arrangeByStart(bars, wholeRun(10), 100, makeBuffer(bars)).count).toBe(2);
});
