import type { HostFigures, HostStats } from '../../stats/host-stats.ts';
import type { Stats } from '../../stats/stats.ts';
import { bytes, formatCount, formatDuration, percent, formatRate } from '../../text/quantity.ts';
import { shownHost } from '../../text/shown-host.ts';
import { slowHosts } from '../../stats/slow-hosts.ts';
import { wrap } from '../../text/wrap.ts';

/** What only a live run knows. */
export interface LiveFigures {
  /** What held it up and for what part of the time, the greatest first; none if that could not be told. */
  readonly heldUpBy?: readonly { readonly name: string; readonly share: number }[];
  /** Whether that was most of all our own CPU, which every request in flight then waited for. */
  readonly isCpuBound?: boolean;
  /** The columns of the terminal that shows it; no line is broken without it. */
  readonly width?: number;
}

/** The few lines that close a run, live or recorded, for people; each ends with a line break. */
export function renderSummary(stats: Stats, wallMs: number, live: LiveFigures = {}): string {
  const { heldUpBy = [], isCpuBound = false, width = Infinity } = live;
  const lines = [
    `${urls(stats.count)} in ${formatDuration(wallMs)}: ${outcomes(stats)}`,
    entry('ok', expected(stats)),
    entry('not ok', frequent(stats.unexpected)),
    entry('failed', frequent(stats.codes)),
    entry('failing', failing(stats)),
    entry('retries', stats.retries > 0 ? formatCount(stats.retries) : ''),
    ...(stats.responses + stats.failures > 0 ? measures(stats, wallMs, isCpuBound) : []),
    entry('slowest', slowest(stats)),
    entry('held up by', holdUps(heldUpBy)),
  ];
  return lines
    .filter((line) => line !== '')
    .flatMap((line) => wrap(line, width, lead.length + nameWidth + gap.length))
    .map((line) => `${line}\n`)
    .join('');
}

function urls(number: number): string {
  return number === 1 ? '1 URL' : `${formatCount(number)} URLs`;
}

function outcomes({ responses, ok, failures, cancelled }: Stats): string {
  const parts = [`${formatCount(ok)} ok`];
  if (responses > ok) parts.push(`${formatCount(responses - ok)} not ok`);
  if (failures > 0) parts.push(`${formatCount(failures)} failed`);
  if (cancelled > 0) parts.push(`${formatCount(cancelled)} cancelled`);
  return parts.join(', ');
}

/** Which statuses were ok, unless it was 200 alone. */
function expected({ statuses, unexpected }: Stats): string {
  const counts = new Map<number, number>();
  for (const [status, all] of statuses) {
    const ok = all - (unexpected.get(status) ?? 0);
    if (ok > 0) counts.set(status, ok);
  }
  return counts.size === 1 && counts.has(200) ? '' : frequent(counts);
}

/** Nothing of a run of one host: that is what the other lines are of. */
function failing({ hosts }: Stats): string {
  if (hosts.size < 2) return '';
  return ofHosts(hosts, hosts.failing(maxHosts), (host) => `${formatCount(host.notOk)} of ${formatCount(host.count)}`);
}

function slowest(stats: Stats): string {
  return ofHosts(stats.hosts, slowHosts(stats, maxHosts), (host) => `${formatDuration(host.meanMs)} on average`);
}

function ofHosts(hosts: HostStats, shown: readonly HostFigures[], figure: (host: HostFigures) => string): string {
  const list = shown.map((host) => `${shownHost(host.host)} (${figure(host)})`).join(', ');
  return list === '' || hosts.isExact ? list : `${list}; of the hosts that weighed most`;
}

const maxHosts = 3;

function holdUps(heldUpBy: readonly { readonly name: string; readonly share: number }[]): string {
  const shown = heldUpBy.filter(({ share }) => share >= minShare).slice(0, maxBottlenecks);
  const [main, ...others] = shown.map(({ name, share }) => `${name} ${percent(share)}`);
  return main === undefined ? '' : [`${main} of the time`, ...others].join(', ');
}

const minShare = 0.05;
const maxBottlenecks = 3;

function measures(stats: Stats, wallMs: number, isCpuBound: boolean): string[] {
  const seconds = Math.max(wallMs, 1) / 1000;
  const speed = `${formatRate(stats.count / seconds)} URLs/s, ${bytes(stats.wireLength / seconds)}/s`;
  const times = [
    `half within ${formatDuration(stats.percentileMs(50))}`,
    `90% ${formatDuration(stats.percentileMs(90))}`,
    `99% ${formatDuration(stats.percentileMs(99))}`,
    `longest ${formatDuration(stats.longestMs)}`,
  ];
  return [
    entry('speed', `${speed}, ${bytes(stats.wireLength)} in all`),
    entry('times', stats.longestMs > 0 ? times.join(', ') : ''),
    entry('one by one', gain(stats.elapsedMs, wallMs, isCpuBound)),
  ];
}

/** What running together was worth; nothing if it was worth nothing. Alone, none would have waited for our CPU. */
function gain(elapsedMs: number, wallMs: number, isCpuBound: boolean): string {
  const times = elapsedMs / Math.max(wallMs, 1);
  if (times < 1.05) return '';
  const [about, upTo] = isCpuBound ? ['at most', 'at most '] : ['about', ''];
  return `${about} ${formatDuration(elapsedMs)}, so this was ${upTo}${formatRate(times)} times as fast`;
}

function entry(name: string, value: string): string {
  return value === '' ? '' : `${lead}${name.padEnd(nameWidth)}${gap}${value}`;
}

const lead = '  ';
const gap = '  ';
const nameWidth = 'one by one'.length;
const maxCodesShown = 4;

/** `25 x 404, 5 x 503`: the most frequent first. */
function frequent(counts: ReadonlyMap<string | number, number>): string {
  const sorted = [...counts].sort((a, b) => b[1] - a[1]);
  const shown = sorted.slice(0, maxCodesShown).map(([name, times]) => `${formatCount(times)} x ${name}`);
  const rest = sorted.slice(maxCodesShown).reduce((sum, [, times]) => sum + times, 0);
  if (rest > 0) shown.push(`${formatCount(rest)} x others`);
  return shown.join(', ');
}
