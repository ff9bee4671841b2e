import { html, type Markup } from '../../src/pages/markup.ts';
import { area, line } from '../../src/pages/plots/bars.ts';
import { yTicks } from '../../src/pages/plots/over-time.ts';
import { mark, note, renderPlot, type Plot } from '../../src/pages/plots/plot.ts';
import { roundSteps } from '../../src/pages/ticks.ts';
import { formatRate } from '../../src/text/quantity.ts';
import type { LevelFigures } from './level-figures.ts';
import { formatLatency } from './report.ts';

/** Plots the throughput of each level. */
export function plotThroughputs(levels: readonly LevelFigures[], chosen: number | undefined): Markup {
  const { xOf, axis } = axisOf(levels, chosen);
  const sequential = levels[0]!.perSecond.median;
  const steps = roundSteps(Math.max(...levels.map(({ perSecond }) => perSecond.most)), 3);
  const max = steps.at(-1)!;
  const points = levels.map(({ level, perSecond }) => [xOf(level), perSecond.median / max] as const);
  const high = levels.map(({ level, perSecond }) => [xOf(level), perSecond.most / max] as const);
  const low = levels.map(({ level, perSecond }) => [xOf(level), perSecond.least / max] as const);
  return renderPlot({
    ...axis,
    id: 'throughput',
    title: 'Throughput',
    description: 'successful requests per second by concurrency; the band spans the slowest to the fastest round',
    shapes: html`${area([...high, ...low.toReversed()], 'band')}${line(
      [
        [0, sequential / max],
        [1, sequential / max],
      ],
      'base',
    )}${line(points, 'ok')}`,
    marks: html`${note(1, sequential / max, `sequential: ${formatRate(sequential)}/s`, 'left')}${points.map(([x, y]) => mark(x, y, 'circle', 'ok'))}`,
    y: yTicks(steps, '/s'),
    columns: ['Concurrency', 'ok/s', 'slowest round', 'fastest round', 'times sequential'],
    rows: levels.map(({ level, perSecond, speedUp }) => ({
      ...placeOf(xOf(level)),
      cells: [
        nameOf(level),
        formatRate(perSecond.median),
        formatRate(perSecond.least),
        formatRate(perSecond.most),
        Number.isFinite(speedUp) ? formatRate(speedUp) : '–',
      ],
    })),
  });
}

/** Plots the latency percentiles of each level. */
export function plotLatencies(levels: readonly LevelFigures[], chosen: number | undefined): Markup {
  const { xOf, axis } = axisOf(levels, chosen);
  const timed = levels.filter(({ ok }) => ok > 0);
  const steps = roundSteps(Math.max(...timed.map(({ p99Ms }) => p99Ms)), 3);
  const max = steps.at(-1)!;
  const series = percentiles.map(({ key, ...rest }) => ({
    ...rest,
    points: timed.map((figures) => [xOf(figures.level), figures[key] / max] as const),
  }));
  return renderPlot({
    ...axis,
    id: 'latency-plot',
    title: 'Latency',
    description: 'of successful requests by concurrency: ● p50, ◆ p90, ▲ p99',
    shapes: series.map(({ points, name }) => line(points, name)),
    marks: series.map(({ points, name, sign }) => points.map(([x, y]) => mark(x, y, sign, name))),
    y: yTicks(steps, ' ms'),
    columns: ['Concurrency', 'p50', 'p90', 'p99'],
    rows: timed.map(({ level, p50Ms, p90Ms, p99Ms }) => ({
      ...placeOf(xOf(level)),
      cells: [nameOf(level), formatLatency(p50Ms), formatLatency(p90Ms), formatLatency(p99Ms)],
    })),
  });
}

const percentiles = [
  { key: 'p50Ms', name: 'p50', sign: 'circle' },
  { key: 'p90Ms', name: 'p90', sign: 'diamond' },
  { key: 'p99Ms', name: 'p99', sign: 'triangle' },
] as const;

interface Axis {
  readonly xOf: (level: number) => number;
  readonly axis: Pick<Plot, 'x'>;
}

/** Creates the horizontal axis, which is logarithmic: doubling the level is always the same step. */
function axisOf(levels: readonly LevelFigures[], chosen: number | undefined): Axis {
  const length = Math.log2(levels.at(-1)!.level);
  const xOf = (level: number): number => (length === 0 ? 0.5 : margin + (Math.log2(level) / length) * (1 - 2 * margin));
  const x: { at: number; text: string }[] = [];
  for (const { level } of levels) {
    const at = xOf(level);
    const isClear = x.every((tick) => Math.abs(tick.at - at) > 0.06);
    if (isClear || level === chosen) x.push({ at, text: String(level) });
  }
  return { xOf, axis: { x } };
}

/** Free space at either end of the axis, as a share of it. */
const margin = 0.06;

function nameOf(level: number): string {
  return level === 1 ? '1 (sequential)' : String(level);
}

function placeOf(x: number): { readonly from: number; readonly to: number } {
  return { from: x - 0.004, to: x + 0.004 };
}
