import { formatCount, formatRate } from '../../text/quantity.ts';
import type { Markup } from '../markup.ts';
import { verdicts, verdictSigns, sumOf } from '../model/outcome.ts';
import { factorAfter, type TimeBin } from '../model/time-bins.ts';
import { roundSteps, timeLabel, timeTicks, type Tick } from '../ticks.ts';
import { stackedBars } from './bars.ts';
import { renderPlot, type PlotRow } from './plot.ts';

/** A stretch of time, in milliseconds since 1970. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** How many requests ended in each second, by what became of them. */
export function plotThroughput(bins: readonly TimeBin[], span: Span): Markup {
  const stretches = stretchesOf(bins, span);
  const kinds = verdicts.filter((outcome) => stretches.some(({ ended }) => ended[outcome] > 0));
  const y = roundSteps(Math.max(...stretches.map(({ ended, lengthMs }) => perSecond(sumOf(ended), lengthMs))), 3);
  const bars = stretches.map((stretch) => ({
    ...stretch,
    heights: kinds.map((kind) => perSecond(stretch.ended[kind], stretch.lengthMs)),
  }));
  return renderPlot({
    id: 'throughput',
    title: 'Throughput',
    description: `requests that ended, per second, in each ${widthOf(stretches)}`,
    shapes: stackedBars(bars, y.at(-1)!, kinds),
    x: timeTicks(0, span.toMs - span.fromMs, maxTicks),
    y: yTicks(y, '/s'),
    columns: ['Time', 'ended', 'per second', ...kinds.map((kind) => verdictSigns[kind].name)],
    rows: stretches.map((stretch) => {
      const sum = sumOf(stretch.ended);
      const counts = kinds.map((kind) => formatCount(stretch.ended[kind]));
      return row(stretch, [formatCount(sum), formatRate(perSecond(sum, stretch.lengthMs)), ...counts]);
    }),
  });
}

/** How many requests were under way at once. */
export function plotInFlight(bins: readonly TimeBin[], span: Span): Markup {
  const stretches = stretchesOf(bins, span);
  const y = roundSteps(Math.max(...stretches.map(inFlight)), 3);
  const bars = stretches.map((stretch) => ({ ...stretch, heights: [inFlight(stretch)] }));
  return renderPlot({
    id: 'inflight',
    title: 'In flight',
    description: `requests under way at once, mean of each ${widthOf(stretches)}`,
    shapes: stackedBars(bars, y.at(-1)!, ['flight']),
    x: timeTicks(0, span.toMs - span.fromMs, maxTicks),
    y: yTicks(y, ''),
    columns: ['Time', 'in flight'],
    rows: stretches.map((stretch) => row(stretch, [formatRate(inFlight(stretch))])),
  });
}

function perSecond(times: number, lengthMs: number): number {
  return (times / lengthMs) * 1000;
}

function inFlight({ busyMs, lengthMs }: Stretch): number {
  return busyMs / lengthMs;
}

/** A bin, or some joined, and where it is on the axis. */
interface Stretch extends TimeBin {
  readonly from: number;
  readonly to: number;
  /** How much of it lies within the run: at its ends there is less. */
  readonly lengthMs: number;
  readonly name: string;
}

const maxTicks = 5;
const maxBars = 250;
/** Of a handful of requests: else each would be a needle of its own. */
const minBars = 24;

/** As many bars as a plot can show apart. */
function stretchesOf(bins: readonly TimeBin[], { fromMs, toMs }: Span): Stretch[] {
  // A run that took no time at all still has its one bar.
  const spanMs = Math.max(toMs - fromMs, 0.001);
  const ended = bins.reduce((sum, bin) => sum + sumOf(bin.ended), 0);
  return joined(bins, Math.min(Math.max(ended, minBars), maxBars)).map((bin) => {
    const start = Math.max(bin.fromMs, fromMs);
    const end = Math.max(Math.min(bin.toMs, toMs), start + 0.001);
    const step = Math.max(bin.toMs - bin.fromMs, 1);
    return {
      ...bin,
      from: (start - fromMs) / spanMs,
      to: Math.min(1, (end - fromMs) / spanMs),
      lengthMs: end - start,
      name: `${timeLabel(start - fromMs, Math.min(step, 100))} – ${timeLabel(end - fromMs, Math.min(step, 100))}`,
    };
  });
}

function joined(bins: readonly TimeBin[], most: number): readonly TimeBin[] {
  if (bins.length <= most) return bins;
  const times = factorAfter(bins[0]!.toMs - bins[0]!.fromMs);
  const fewer: TimeBin[] = [];
  for (let at = 0; at < bins.length; at += times) fewer.push(bins.slice(at, at + times).reduce(join));
  return joined(fewer, most);
}

function join(one: TimeBin, other: TimeBin): TimeBin {
  const ended = { ...one.ended };
  for (const outcome of verdicts) ended[outcome] += other.ended[outcome];
  return { fromMs: one.fromMs, toMs: other.toMs, ended, busyMs: one.busyMs + other.busyMs };
}

function widthOf(stretches: readonly Stretch[]): string {
  const { fromMs, toMs } = stretches[0]!;
  return timeLabel(toMs - fromMs, 1);
}

function row({ from, to, name }: Stretch, cells: readonly string[]): PlotRow {
  return { from, to, cells: [name, ...cells] };
}

/** Marks from 0 to the last of some round numbers. */
export function yTicks(steps: readonly number[], unit: string): Tick[] {
  const most = steps.at(-1)!;
  return steps.map((step, at) => ({ at: step / most, text: `${plain(step)}${at === steps.length - 1 ? unit : ''}` }));
}

function plain(number: number): string {
  return Number.isInteger(number) ? formatCount(number) : String(Number(number.toPrecision(3)));
}
