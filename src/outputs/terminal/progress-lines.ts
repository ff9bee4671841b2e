import { formatCount, formatDuration, percent, formatRate } from '../../text/quantity.ts';
import { shownHost } from '../../text/shown-host.ts';
import { columns, shorten } from '../../text/columns.ts';

/** How far a run is. */
export interface Progress {
  /** Records of this run. */
  readonly done: number;
  /** What had its record before. */
  readonly before: number;
  /** How many there are in all, with those that were done before; absent if nobody knows. */
  readonly total?: { readonly count: number; readonly isExact: boolean } | undefined;
  readonly elapsedMs: number;
  /** Records per second, of late and since the start. */
  readonly perSecond: { readonly now: number; readonly overall: number };
  /** How long it will take still; absent if that cannot be told. */
  readonly leftMs?: number | undefined;
  /** Whether nothing new starts any more. */
  readonly isEnding: boolean;
  readonly inFlight: number;
  readonly concurrency: number;
  readonly waiting: number;
  /** Requests between two attempts. */
  readonly backingOff: number;
  readonly retries: number;
  /** How many failures had each code, and how many responses that are not ok each status. */
  readonly codes: ReadonlyMap<string, number>;
  readonly unexpected: ReadonlyMap<number, number>;
  /** The hosts whose servers asked for a pause, and how much longer. */
  readonly paused: readonly { readonly host: string; readonly forMs: number }[];
  /** Those that stand out by how long they take on average. */
  readonly slowest: readonly { readonly host: string; readonly meanMs: number }[];
}

/** A few lines about a run, none of them wider than so many columns; what has no room is left out. */
export function progressLines(progress: Progress, width: number): string[] {
  const inFlight = `${formatCount(progress.inFlight)} of ${formatCount(progress.concurrency)}`;
  const lines = [
    fitted(amount(progress), [outlook(progress), ...speeds(progress)], '  ', width),
    fitted(named('in flight', inFlight), activity(progress), ', ', width),
    listed('failed', frequent(progress.codes), width),
    listed('not ok', frequent(progress.unexpected), width),
    listed('paused', pauses(progress), width),
    ...slowHosts(progress, width),
  ];
  return lines.filter((line) => line !== '');
}

/** All of that on one line, as wide as it is: for a log. */
export function progressLine(progress: Progress): string {
  const { codes, unexpected, paused } = progress;
  const parts = [
    amount(progress),
    ...speeds(progress),
    outlook(progress),
    `${formatCount(progress.inFlight)} in flight`,
    ...activity(progress),
    counted(sum(codes), 'failed'),
    counted(sum(unexpected), 'not ok'),
    counted(paused.length, paused.length === 1 ? 'host paused' : 'hosts paused'),
  ];
  return parts.filter((part) => part !== '').join(', ');
}

function amount({ done, before, total }: Progress): string {
  const all = done + before;
  const earlier = before > 0 ? `, ${formatCount(before)} before` : '';
  if (total === undefined) return `${formatCount(all)} done${earlier}`;
  if (total.isExact) {
    const most = Math.max(total.count, all);
    return `${formatCount(all)} of ${formatCount(most)} (${wholePercent(most === 0 ? 1 : all / most)}${earlier})`;
  }
  // Three digits are more than is known; and of a number that is an estimate nothing is ever all.
  const most = Math.max(Number(total.count.toPrecision(3)), all);
  return `${formatCount(all)} of ~${formatCount(most)} (${wholePercent(Math.min(all / most, 0.99))}${earlier})`;
}

/** Rounded down: it is all only when it is. */
function wholePercent(part: number): string {
  return percent(Math.floor(part * 100) / 100);
}

function outlook({ isEnding, leftMs, elapsedMs }: Progress): string {
  if (isEnding) return 'ending';
  return leftMs === undefined ? `${clock(Math.round(elapsedMs / 1000) * 1000)} so far` : `${clock(leftMs)} left`;
}

/** A stretch of time in whole seconds: what changes several times a second cannot be read. */
function clock(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000);
  return seconds < 60 ? `${seconds} s` : formatDuration(seconds * 1000);
}

function speeds({ perSecond: { now, overall } }: Progress): string[] {
  return [`${formatRate(now)}/s now`, `${formatRate(overall)}/s overall`];
}

/** What is not in flight yet, or not at the moment. */
function activity({ waiting, backingOff, retries }: Progress): string[] {
  return [
    counted(waiting, 'waiting'),
    counted(backingOff, 'between attempts'),
    counted(retries, retries === 1 ? 'retry' : 'retries'),
  ].filter((part) => part !== '');
}

function counted(number: number, what: string): string {
  return number > 0 ? `${formatCount(number)} ${what}` : '';
}

function frequent(counts: ReadonlyMap<string | number, number>): string[] {
  return [...counts].sort((a, b) => b[1] - a[1]).map(([name, times]) => `${formatCount(times)} x ${name}`);
}

function sum(counts: ReadonlyMap<unknown, number>): number {
  return [...counts.values()].reduce((all, one) => all + one, 0);
}

function pauses({ paused }: Progress): string[] {
  const longestFirst = [...paused].sort((a, b) => b.forMs - a.forMs);
  return longestFirst.map(({ host, forMs }) => `${shortHost(host)} for ${clock(forMs)}`);
}

function slowHosts({ slowest }: Progress, width: number): string[] {
  const [first, ...others] = slowest.map(({ host, meanMs }) => `${shortHost(host)} ${formatDuration(meanMs)}`);
  return first === undefined ? [] : [fitted(named('slowest', first), others, ', ', width)];
}

function shortHost(host: string): string {
  return shorten(shownHost(host), widestHost);
}

const widestHost = 32;

function named(name: string, text: string): string {
  return `  ${name.padEnd(nameWidth)}  ${text}`;
}

const nameWidth = 'in flight'.length;

/** The first part, and as many of the others as there is room for. */
function fitted(first: string, others: readonly string[], separator: string, width: number): string {
  let line = first;
  for (const part of others) {
    const longer = line + separator + part;
    if (columns(longer) > width) break;
    line = longer;
  }
  return shorten(line, width);
}

/** The same of a list, with how many of it there is no room for; nothing of an empty one. */
function listed(name: string, parts: readonly string[], width: number): string {
  if (parts.length === 0) return '';
  for (let shown = Math.min(parts.length, maxListed); shown > 1; shown -= 1) {
    const rest = parts.length - shown;
    const line = named(name, parts.slice(0, shown).join(', ')) + (rest > 0 ? `, ${formatCount(rest)} more` : '');
    if (columns(line) <= width) return line;
  }
  return fitted(named(name, parts[0]!), parts.length > 1 ? [`${formatCount(parts.length - 1)} more`] : [], ', ', width);
}

const maxListed = 8;
