import { expect, test } from 'vitest';
import { drawBars } from '../../../../src/pages/browser/timeline/draw-bars.ts';
import type { Frame } from '../../../../src/pages/browser/timeline/frame.ts';
import type { Bars } from '../../../../src/pages/browser/timeline/bars.ts';
import type { Pen, Picture } from '../../../../src/pages/browser/timeline/picture.ts';
import type { Theme } from '../../../../src/pages/browser/timeline/theme.ts';

interface Drawn {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

const pixelsPerCharacter = 6;
const width = 1000;

/** A canvas context that records the names drawn on it, with their horizontal extent. */
function recorder(): { readonly context: CanvasRenderingContext2D; readonly drawn: Drawn[] } {
  const drawn: Drawn[] = [];
  const context = {
    textAlign: 'left',
    measureText: (text: string) => ({ width: text.length * pixelsPerCharacter }),
    fillRect: () => {},
    fillText(name: string, x: number) {
      const length = name.length * pixelsPerCharacter;
      const from = context.textAlign === 'right' ? x - length : x;
      drawn.push({ name, from, to: from + length });
    },
  };
  return { context: context as unknown as CanvasRenderingContext2D, drawn };
}

const theme = { bars: { ok: { early: '', wait: '', body: '' } } } as Theme;

/** Draws successful bars at 1 pixel per millisecond, in the rows given by their tops, with long names. */
function namesOf(bars: readonly (readonly [start: number, end: number, top: number])[]): Drawn[] {
  const starts = Float64Array.from(bars, ([start]) => start);
  const columns: Bars = {
    count: bars.length,
    starts,
    ends: Float64Array.from(bars, ([, end]) => end),
    waits: starts,
    bodies: starts,
    verdicts: new Uint8Array(bars.length),
    hosts: new Uint32Array(bars.length),
  };
  const frame: Frame = {
    count: bars.length,
    bars: Uint32Array.from(bars.keys()),
    tops: Float32Array.from(bars, ([, , top]) => top),
    barHeight: 14,
    headings: [],
    height: 100,
  };
  const viewport = { fromMs: 0, toMs: width };
  const { context, drawn } = recorder();
  const pen: Pen = { context, theme, width, height: 100 };
  const picture: Picture = {
    bars: columns,
    frame,
    viewport,
    whole: viewport,
    ticks: [],
    marked: undefined,
    nameOf: (bar) => `${bar} ${'x'.repeat(60)}`,
    hostOf: String,
  };
  drawBars(pen, picture);
  return drawn;
}

test('drawBars() draws no name over another bar or name of its lane', () => {
  const lane = [
    [40, 60, 0],
    [70, 90, 0],
    [300, 320, 0],
    [900, 990, 0],
  ] as const;
  const drawn = namesOf(lane);
  expect(drawn.map(({ name }) => Number.parseInt(name, 10))).toEqual([1, 2]);
  const covered = [...drawn, ...lane.map(([from, to]) => ({ from, to }))].sort((one, other) => one.from - other.from);
  for (let at = 1; at < covered.length; at += 1) expect(covered[at]!.from).toBeGreaterThanOrEqual(covered[at - 1]!.to);
});

test('drawBars() draws the name before a bar that is alone in its row and ends late', () => {
  const [first, second] = namesOf([
    [10, 20, 0],
    [900, 990, 20],
  ]);
  expect(first!.from).toBeGreaterThan(20);
  expect(second!.to).toBeLessThan(900);
});
