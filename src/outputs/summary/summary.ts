import type { HostFigures, HostStats } from '../../stats/host-stats.ts';
import { slowHosts } from '../../stats/slow-hosts.ts';
import type { Stats } from '../../stats/stats.ts';
import { bytes, formatCount, formatDuration, formatRate, percents, plural } from '../../text/quantity.ts';
import { shownHost } from '../../text/printable.ts';
import { wrap } from '../../text/wrap.ts';
import { downHosts, learnedLimits, noLimitedHosts, paces, waits, type LimitedHosts } from './limited-hosts.ts';

/** Figures that only a live run has. */
export interface LiveFigures {
  /** Bottlenecks and the share of the time each was one, from 0 to 1, greatest first. @default [] */
  readonly bottlenecks?: readonly { readonly name: string; readonly share: number }[];
  /** True if this machine's CPU was the main bottleneck: all latencies then include waiting for it. @default false */
  readonly isCpuBound?: boolean;
  /** Hosts that did not get all that waited for them. @default none */
  readonly hosts?: LimitedHosts;
  /** True if the records are not the whole run: then it has no duration and no throughput. @default false */
  readonly isSelection?: boolean;
  /** A suggestion for the next command. @default none */
  readonly tip?: string;
  /** Columns of the terminal. Lines are not wrapped without it. */
  readonly width?: number;
}

/**
 * Renders the summary of a run, live or recorded: a few lines, each ending in a line break.
 *
 * @param wallMs duration of the run in milliseconds
 */
export function renderSummary(stats: Stats, wallMs: number, live: LiveFigures = {}): string {
  const { bottlenecks = [], isCpuBound = false, isSelection = false, tip = '', width = Infinity } = live;
  const { hosts = noLimitedHosts } = live;
  const lines = [
    `${plural(stats.count, 'URL')}${isSelection ? '' : ` in ${formatDuration(wallMs)}`}: ${outcomes(stats)}`,
    entry('failed', frequent(stats.codes)),
    entry(unexpectedWord(stats), notExpected(stats)),
    entry('failing', failing(stats)),
    entry('ok', expected(stats)),
    entry('retries', stats.retries > 0 ? formatCount(stats.retries) : ''),
    entry('pace', paces(hosts)),
    entry('at once', learnedLimits(hosts)),
    entry('down', downHosts(hosts)),
    entry('waited', waits(hosts)),
    ...(stats.responses + stats.failures > 0 ? measures(stats, wallMs, { isCpuBound, isSelection }) : []),
    entry('slowest', slowest(stats)),
    entry('bottleneck', bottleneckList(bottlenecks)),
    entry('tip', tip),
  ];
  return lines
    .filter((line) => line !== '')
    .flatMap((line) => wrap(line, width, lead.length + nameWidth + gap.length))
    .map((line) => `${line}\n`)
    .join('');
}

/** Names the responses that are not ok. Where more than a status was expected, a 200 may be among them. */
function unexpectedWord({ missed }: Stats): string {
  return missed.size > 0 ? 'unexpected' : 'bad status';
}

/** Counts the unexpected responses by status. Where more than a status was expected, a 200 may be among them. */
function notExpected({ unexpected, missed }: Stats): string {
  return frequent(unexpected) + (missed.size > 0 ? ` (expectation not met: ${frequent(missed)})` : '');
}

function outcomes(stats: Stats): string {
  const { responses, ok, failures, cancelled } = stats;
  const parts = [`${formatCount(ok)} ok`];
  if (responses > ok) parts.push(`${formatCount(responses - ok)} ${unexpectedWord(stats)}`);
  if (failures > 0) parts.push(`${formatCount(failures)} failed`);
  if (cancelled > 0) parts.push(`${formatCount(cancelled)} cancelled`);
  return parts.join(', ');
}

/** Counts the statuses that were ok; empty if 200 is the only one. */
function expected({ statuses, unexpected }: Stats): string {
  const counts = new Map<number, number>();
  for (const [status, all] of statuses) {
    const ok = all - (unexpected.get(status) ?? 0);
    if (ok > 0) counts.set(status, ok);
  }
  return counts.size === 1 && counts.has(200) ? '' : frequent(counts);
}

/** Lists the hosts that fail most. Omitted for a single host: the other lines already describe it. */
function failing({ hosts }: Stats): string {
  if (hosts.size < 2) return '';
  return ofHosts(hosts, hosts.failing(maxHosts), (host) => `${formatCount(host.notOk)} of ${formatCount(host.count)}`);
}

function slowest(stats: Stats): string {
  return ofHosts(stats.hosts, slowHosts(stats, maxHosts), (host) => `${formatDuration(host.meanAnswerMs)} on average`);
}

function ofHosts(hosts: HostStats, shown: readonly HostFigures[], figure: (host: HostFigures) => string): string {
  const list = shown.map((host) => `${shownHost(host.host)} (${figure(host)})`).join(', ');
  return list === '' || hosts.isExact ? list : `${list} (of ${plural(hosts.size, 'tracked host')})`;
}

const maxHosts = 3;

function bottleneckList(bottlenecks: readonly { readonly name: string; readonly share: number }[]): string {
  const percentages = percents(bottlenecks.map(({ share }) => share));
  return bottlenecks
    .map(({ name, share }, at) => ({ share, text: `${name} (${percentages[at]}${at === 0 ? ' of the time' : ''})` }))
    .filter(({ share }) => share >= minShare)
    .slice(0, maxBottlenecks)
    .map(({ text }) => text)
    .join(', ');
}

const minShare = 0.05;
const maxBottlenecks = 3;

function measures(
  stats: Stats,
  wallMs: number,
  { isCpuBound, isSelection }: { readonly isCpuBound: boolean; readonly isSelection: boolean },
): string[] {
  const seconds = Math.max(wallMs, 1) / 1000;
  const throughput = `${formatRate(stats.count / seconds)} URLs/s, ${bytes(stats.wireLength / seconds)}/s`;
  const latency = [
    ...[50, 90, 99].map((at) => `p${at} ${formatDuration(stats.percentileMs(at))}`),
    `max ${formatDuration(stats.longestMs)}`,
  ];
  const percentiles = entry('latency', stats.longestMs > 0 ? latency.join(', ') : '');
  if (isSelection) return [percentiles];
  return [
    entry('throughput', `${throughput}, ${bytes(stats.wireLength)} total`),
    percentiles,
    entry('speed-up', speedUp(stats.elapsedMs, wallMs, isCpuBound)),
  ];
}

/**
 * Compares the run with sending one request at a time; empty if it was not faster. One at a time, no request would wait
 * for the CPU, so the estimate of a CPU-bound run is an upper bound.
 */
function speedUp(elapsedMs: number, wallMs: number, isCpuBound: boolean): string {
  const times = elapsedMs / Math.max(wallMs, 1);
  if (times < 1.05) return '';
  const [upTo, about] = isCpuBound ? ['up to ', 'at most'] : ['', 'about'];
  return `${upTo}${formatRate(times)}x as fast as one at a time (${about} ${formatDuration(elapsedMs)})`;
}

function entry(name: string, value: string): string {
  return value === '' ? '' : `${lead}${name.padEnd(nameWidth)}${gap}${value}`;
}

const lead = '  ';
const gap = '  ';
const nameWidth = 'throughput'.length;

/** Lists counts, the most frequent first: `25 x 404, 5 x 503`. */
function frequent(counts: ReadonlyMap<string | number, number>): string {
  const sorted = [...counts].sort((a, b) => b[1] - a[1]);
  return sorted.map(([name, times]) => `${formatCount(times)} x ${name}`).join(', ');
}
