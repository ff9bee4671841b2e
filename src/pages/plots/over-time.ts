import { formatCount, formatRate } from '../../text/quantity.ts';
import type { Markup } from '../markup.ts';
import { factorAfter, type TimeBin } from '../model/time-bins.ts';
import { sumOf, verdicts, verdictSigns } from '../model/verdicts.ts';
import { roundSteps, timeLabel, timeTicks, type Tick } from '../ticks.ts';
import { stackedBars } from './bars.ts';
import { renderPlot, type PlotRow } from './plot.ts';

/** A period, in milliseconds since 1970. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Plots the requests completed per second, by verdict. */
export function plotThroughput(bins: readonly TimeBin[], span: Span): Markup {
  const intervals = intervalsOf(bins, span);
  const kinds = verdicts.filter((verdict) => intervals.some(({ ended }) => ended[verdict] > 0));
  const y = roundSteps(Math.max(...intervals.map(({ ended, lengthMs }) => perSecond(sumOf(ended), lengthMs))), 3);
  const bars = intervals.map((interval) => ({
    ...interval,
    heights: kinds.map((kind) => perSecond(interval.ended[kind], interval.lengthMs)),
  }));
  return renderPlot({
    id: 'throughput',
    title: 'Throughput',
    description: `requests completed per second, in intervals of ${lengthText(intervals)}`,
    shapes: stackedBars(bars, y.at(-1)!, kinds),
    x: timeTicks(0, span.toMs - span.fromMs, maxTicks),
    y: yTicks(y, '/s'),
    columns: ['Time', 'completed', 'per second', ...kinds.map((kind) => verdictSigns[kind].name)],
    rows: intervals.map((interval) => {
      const sum = sumOf(interval.ended);
      const counts = kinds.map((kind) => formatCount(interval.ended[kind]));
      return row(interval, [formatCount(sum), formatRate(perSecond(sum, interval.lengthMs)), ...counts]);
    }),
  });
}

/** Plots the number of requests in flight. */
export function plotInFlight(bins: readonly TimeBin[], span: Span): Markup {
  const intervals = intervalsOf(bins, span);
  const y = roundSteps(Math.max(...intervals.map(inFlight)), 3);
  const bars = intervals.map((interval) => ({ ...interval, heights: [inFlight(interval)] }));
  return renderPlot({
    id: 'inflight',
    title: 'In flight',
    description: `mean number of concurrent requests, in intervals of ${lengthText(intervals)}`,
    shapes: stackedBars(bars, y.at(-1)!, ['flight']),
    x: timeTicks(0, span.toMs - span.fromMs, maxTicks),
    y: yTicks(y, ''),
    columns: ['Time', 'in flight'],
    rows: intervals.map((interval) => row(interval, [formatRate(inFlight(interval))])),
  });
}

function perSecond(times: number, lengthMs: number): number {
  return (times / lengthMs) * 1000;
}

function inFlight({ busyMs, lengthMs }: Interval): number {
  return busyMs / lengthMs;
}

/** One or more bins, and their position on the axis. */
interface Interval extends TimeBin {
  readonly from: number;
  readonly to: number;
  /** Length of the part within the run in milliseconds. The first and last interval may reach beyond it. */
  readonly lengthMs: number;
  readonly name: string;
}

const maxTicks = 5;
const maxBars = 250;
/** With fewer bars, a handful of requests looks better than as one needle each. */
const minBars = 24;

/** Joins bins until a plot can show them apart. */
function intervalsOf(bins: readonly TimeBin[], { fromMs, toMs }: Span): Interval[] {
  // A run that took no time still has one bar.
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

function joined(bins: readonly TimeBin[], max: number): readonly TimeBin[] {
  if (bins.length <= max) return bins;
  const times = factorAfter(bins[0]!.toMs - bins[0]!.fromMs);
  const fewer: TimeBin[] = [];
  for (let at = 0; at < bins.length; at += times) fewer.push(bins.slice(at, at + times).reduce(join));
  return joined(fewer, max);
}

function join(one: TimeBin, other: TimeBin): TimeBin {
  const ended = { ...one.ended };
  for (const verdict of verdicts) ended[verdict] += other.ended[verdict];
  return { fromMs: one.fromMs, toMs: other.toMs, ended, busyMs: one.busyMs + other.busyMs };
}

function lengthText(intervals: readonly Interval[]): string {
  const { fromMs, toMs } = intervals[0]!;
  return timeLabel(toMs - fromMs, 1);
}

function row({ from, to, name }: Interval, cells: readonly string[]): PlotRow {
  return { from, to, cells: [name, ...cells] };
}

/** Returns marks at round numbers; the last one gets the unit. */
export function yTicks(steps: readonly number[], unit: string): Tick[] {
  const max = steps.at(-1)!;
  return steps.map((step, at) => ({ at: step / max, text: `${plain(step)}${at === steps.length - 1 ? unit : ''}` }));
}

function plain(number: number): string {
  return Number.isInteger(number) ? formatCount(number) : String(Number(number.toPrecision(3)));
}
