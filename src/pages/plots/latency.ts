import { formatCount, formatDuration } from '../../text/quantity.ts';
import type { Markup } from '../markup.ts';
import { startOf, type LogHistogram } from '../model/log-histogram.ts';
import type { TimedVerdict } from '../model/report-model.ts';
import { verdictSigns } from '../model/verdicts.ts';
import { roundSteps, type Tick } from '../ticks.ts';
import { stackedBars } from './bars.ts';
import { yTicks } from './over-time.ts';
import { renderPlot } from './plot.ts';

/** Plots the distribution of latencies by verdict, on a logarithmic axis. */
export function plotLatency(elapsed: Readonly<Record<TimedVerdict, LogHistogram>>): Markup {
  const kinds = (['ok', 'unexpected', 'failed'] as const).filter((kind) => elapsed[kind].count > 0);
  const { first, bars: counts, perDecade } = coarsened(kinds.map((kind) => elapsed[kind]));
  const number = counts.length;
  const bars = counts.map((heights, at) => ({ from: at / number, to: (at + 1) / number, heights }));
  const y = roundSteps(Math.max(...counts.map(sum)), 3);
  const timeOf = (bin: number): number => startOf(first + bin, perDecade);
  return renderPlot({
    id: 'latency-plot',
    title: 'Latency distribution',
    description: 'number of requests by latency, on a logarithmic scale',
    shapes: stackedBars(bars, y.at(-1)!, kinds),
    x: logTicks(timeOf(0), timeOf(number)),
    y: yTicks(y, ''),
    columns: ['Latency', 'requests', ...kinds.map((kind) => verdictSigns[kind].name)],
    rows: bars.map(({ from, to, heights }, at) => ({
      from,
      to,
      cells: [
        `${formatDuration(timeOf(at))} – ${formatDuration(timeOf(at + 1))}`,
        formatCount(sum(heights)),
        ...heights.map(formatCount),
      ],
    })),
  });
}

interface Coarsened {
  /** Number of the first bin. */
  readonly first: number;
  readonly perDecade: number;
  /** Counts of each histogram, for every bin. */
  readonly bars: readonly (readonly number[])[];
}

/** Chooses bins fine enough to show a shape, and few enough to tell apart. */
function coarsened(histograms: readonly LogHistogram[]): Coarsened {
  for (const perDecade of [128, 64, 32, 16, 8]) {
    const coarse = histograms.map((histogram) => histogram.coarse(perDecade));
    const used = Array.from(coarse[0]!, (_, bin) => coarse.some((counts) => counts[bin]! > 0));
    // One empty bin on each side: a shape that touches the border looks cut off.
    const first = Math.max(0, used.indexOf(true) - 1);
    const last = Math.min(used.length - 1, used.lastIndexOf(true) + 1);
    if (last - first < maxBars || perDecade === 8) {
      const bars = Array.from({ length: last - first + 1 }, (_, at) => coarse.map((counts) => counts[first + at]!));
      return { first, perDecade, bars };
    }
  }
  throw new RangeError('Cannot plot without bins');
}

const maxBars = 90;

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}

/** Returns marks at 1, 2 and 5 times the powers of ten, or at the powers alone if those would be too many. */
function logTicks(from: number, to: number): Tick[] {
  const length = Math.log10(to / from);
  const factors = length <= 1.4 ? [1, 2, 5] : [1];
  const powers = Math.ceil(length / 5);
  const ticks: Tick[] = [];
  for (let power = Math.floor(Math.log10(from)); 10 ** power <= to; power += powers) {
    for (const factor of factors) {
      const ms = factor * 10 ** power;
      if (ms >= from && ms <= to) ticks.push({ at: Math.log10(ms / from) / length, text: roundDuration(ms) });
    }
  }
  if (ticks.length > 0) return ticks;
  return [from, to].map((ms, at) => ({ at, text: formatDuration(ms) }));
}

function roundDuration(ms: number): string {
  if (ms < 1) return `${Number((ms * 1000).toPrecision(3))} µs`;
  return ms < 1000 ? `${Number(ms.toPrecision(3))} ms` : `${formatCount(Math.round(ms / 1000))} s`;
}
