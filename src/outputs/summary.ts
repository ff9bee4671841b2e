import type { Stats } from '../stats.ts';
import { bytes, count, duration, rate } from './quantity.ts';

/** The few lines that close a run, for people; each ends with a line break. */
export function renderSummary(stats: Stats, wallMs: number): string {
  const lines = [
    `${urls(stats.count)} in ${duration(wallMs)}: ${outcomes(stats)}`,
    entry('not ok', frequent(stats.unexpected)),
    entry('failed', frequent(stats.codes)),
    entry('retries', stats.retries > 0 ? count(stats.retries) : ''),
    ...(stats.responses + stats.failures > 0 ? measures(stats, wallMs) : []),
  ];
  return lines
    .filter((line) => line !== '')
    .map((line) => `${line}\n`)
    .join('');
}

function urls(number: number): string {
  return number === 1 ? '1 URL' : `${count(number)} URLs`;
}

function outcomes({ responses, ok, failures, cancelled }: Stats): string {
  const parts = [`${count(ok)} ok`];
  if (responses > ok) parts.push(`${count(responses - ok)} not ok`);
  if (failures > 0) parts.push(`${count(failures)} failed`);
  if (cancelled > 0) parts.push(`${count(cancelled)} cancelled`);
  return parts.join(', ');
}

function measures(stats: Stats, wallMs: number): string[] {
  const seconds = Math.max(wallMs, 1) / 1000;
  const speed = `${rate(stats.count / seconds)} URLs/s, ${bytes(stats.wireLength / seconds)}/s`;
  const times = [
    `half within ${duration(stats.percentileMs(50))}`,
    `90% ${duration(stats.percentileMs(90))}`,
    `99% ${duration(stats.percentileMs(99))}`,
    `longest ${duration(stats.longestMs)}`,
  ];
  return [
    entry('speed', `${speed}, ${bytes(stats.wireLength)} in all`),
    entry('times', stats.longestMs > 0 ? times.join(', ') : ''),
    entry('one by one', gain(stats.elapsedMs, wallMs)),
  ];
}

/** What running together was worth; nothing if it was worth nothing. */
function gain(elapsedMs: number, wallMs: number): string {
  const times = elapsedMs / Math.max(wallMs, 1);
  return times < 1.05 ? '' : `about ${duration(elapsedMs)}, so this was ${rate(times)} times as fast`;
}

function entry(name: string, value: string): string {
  return value === '' ? '' : `  ${name.padEnd(nameWidth)}  ${value}`;
}

const nameWidth = 'one by one'.length;
const mostShown = 4;

/** `25 x 404, 5 x 503`: the most frequent first. */
function frequent(counts: ReadonlyMap<string | number, number>): string {
  const sorted = [...counts].sort((a, b) => b[1] - a[1]);
  const shown = sorted.slice(0, mostShown).map(([name, times]) => `${count(times)} x ${name}`);
  const rest = sorted.slice(mostShown).reduce((sum, [, times]) => sum + times, 0);
  if (rest > 0) shown.push(`${count(rest)} x others`);
  return shown.join(', ');
}
