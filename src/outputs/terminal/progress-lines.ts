import { formatCount, formatDuration, formatRate, percent, plural } from '../../text/quantity.ts';
import { printable, shownHost } from '../../text/printable.ts';
import { shorten, widthOf } from '../../text/width.ts';

/** Numbers of hosts that do not get all that waits for them. */
interface SlowedHosts {
  /** Hosts with a pace that was learned, or follows a quota. */
  readonly paced: number;
  /** Hosts that do not answer, and the time until the first of them is asked again. */
  readonly held: number;
  readonly askMs: number;
  /** Hosts that are given up. */
  readonly down: number;
}

/** A request that has been running for long. */
export interface RunningFor {
  readonly url: string;
  /** Milliseconds since its first start. */
  readonly forMs: number;
  readonly attempts: number;
  /** False while it waits for its next attempt. */
  readonly isInFlight: boolean;
}

/** State of a live run at one moment. Times are in milliseconds. */
export interface Progress {
  /** Number of records that this run has written. */
  readonly done: number;
  /** Number of requests that an earlier run had already recorded. */
  readonly before: number;
  /** Number of requests in all, those of an earlier run included; absent if unknown. */
  readonly total?: { readonly count: number; readonly isExact: boolean } | undefined;
  readonly elapsedMs: number;
  /** Records per second: over the last seconds, and since the start. */
  readonly perSecond: { readonly now: number; readonly overall: number };
  /** Estimated time until the run is done; absent if unknown. */
  readonly leftMs?: number | undefined;
  /** True once no new requests start. */
  readonly isEnding: boolean;
  readonly inFlight: number;
  /** Limit of {@link inFlight}. */
  readonly concurrency: number;
  /** Number of requests that wait for a slot. */
  readonly waiting: number;
  /** The limit that most of them wait for, such as `--per-host 6`; absent if unknown. */
  readonly waitingFor?: string | undefined;
  /** Number of requests that wait for their next attempt. */
  readonly backingOff: number;
  /** Number of attempts beyond the first. */
  readonly retries: number;
  /** Number of failures by error code. */
  readonly codes: ReadonlyMap<string, number>;
  /** Number of responses that are not ok, by status. */
  readonly unexpected: ReadonlyMap<number, number>;
  /** Hosts whose servers asked for a pause, and the time left of it. */
  readonly paused: readonly { readonly host: string; readonly forMs: number }[];
  /** Hosts that do not get all that waits for them; absent if there are none. */
  readonly slowed?: SlowedHosts | undefined;
  /** Limits that hosts have learned. */
  readonly atOnce?: readonly { readonly host: string; readonly limit: number }[] | undefined;
  /** While no host answers any more: the time until the next request asks. */
  readonly networkAskMs?: number | undefined;
  /** Of a run with a queue: its workers, and whether the queue carries work; absent if unknown. */
  readonly workers?: { readonly count: number; readonly queue: 'open' | 'lost' | 'full' } | undefined;
  /** Hosts whose answers stand out by their mean time, slowest first. */
  readonly slowest: readonly { readonly host: string; readonly meanAnswerMs: number }[];
  /** Requests that have been running for long, the oldest first. */
  readonly oldest: readonly RunningFor[];
}

/**
 * Renders the progress block: a few lines, none wider than `width` columns. Details that do not fit are left out, the
 * least important first.
 */
export function progressLines(progress: Progress, width: number): string[] {
  const inFlight = `${formatCount(progress.inFlight)} of ${formatCount(progress.concurrency)}`;
  const lines = [
    fitted(amount(progress), [outlook(progress), ...speeds(progress)], '  ', width),
    fitted(named('in flight', inFlight), activity(progress), ', ', width),
    listed('workers', workers(progress), width),
    listed('failed', frequent(progress.codes), width),
    listed('bad status', frequent(progress.unexpected), width),
    listed('paused', pauses(progress), width),
    listed('hosts', slowed(progress), width),
    listed('at once', atOnce(progress), width),
    listed('network', network(progress), width),
    ...slowHosts(progress, width),
    ...progress.oldest.map((request, at) => running(request, at === 0 ? 'oldest' : '', width)),
  ];
  return lines.filter((line) => line !== '');
}

/** Renders the progress as one line of any width, for logs. */
export function progressLine(progress: Progress): string {
  const { codes, unexpected, paused, oldest } = progress;
  const parts = [
    amount(progress),
    ...speeds(progress),
    outlook(progress),
    `${formatCount(progress.inFlight)} in flight`,
    ...activity(progress),
    ...workers(progress).map((text, at) => (at === 0 ? `workers ${text}` : text)),
    counted(sum(codes), 'failed'),
    counted(sum(unexpected), 'with bad status'),
    paused.length > 0 ? `${plural(paused.length, 'host')} paused` : '',
    ...slowed(progress).map((text, at) => (at === 0 ? `hosts: ${text}` : text)),
    ...atOnce(progress)
      .slice(0, 1)
      .map((text) => `at once: ${text}`),
    ...network(progress),
    oldest[0] === undefined ? '' : `oldest ${clock(oldest[0].forMs)}: ${printable(oldest[0].url)}`,
  ];
  return parts.filter((part) => part !== '').join(', ');
}

function amount({ done, before, total }: Progress): string {
  const all = done + before;
  const earlier = before > 0 ? `, ${formatCount(before)} from earlier run` : '';
  if (total === undefined) return `${formatCount(all)} done${earlier}`;
  if (total.isExact) {
    const max = Math.max(total.count, all);
    return `${formatCount(all)} of ${formatCount(max)} (${wholePercent(max === 0 ? 1 : all / max)}${earlier})`;
  }
  // An estimate is good for three digits at most, and is never 100% done.
  const max = Math.max(Number(total.count.toPrecision(3)), all);
  return `${formatCount(all)} of ~${formatCount(max)} (${wholePercent(Math.min(all / max, 0.99))}${earlier})`;
}

/** Rounds down, so that 100% means done. */
function wholePercent(part: number): string {
  return percent(Math.floor(part * 100) / 100);
}

function outlook({ isEnding, leftMs, elapsedMs }: Progress): string {
  if (isEnding) return 'stopping';
  return leftMs === undefined ? `${clock(Math.round(elapsedMs / 1000) * 1000)} so far` : `${clock(leftMs)} left`;
}

/** Formats a duration in whole seconds. Tenths would change faster than anyone can read. */
function clock(milliseconds: number): string {
  const seconds = Math.ceil(Math.max(0, milliseconds) / 1000);
  return seconds < 60 ? `${seconds} s` : formatDuration(seconds * 1000);
}

function speeds({ perSecond: { now, overall } }: Progress): string[] {
  return [`${formatRate(now)}/s now`, `${formatRate(overall)}/s overall`];
}

/** Counts requests that are waiting, and retries. */
function activity({ waiting, waitingFor, backingOff, retries }: Progress): string[] {
  return [
    counted(waiting, waitingFor === undefined ? 'waiting' : `waiting (${waitingFor})`),
    counted(backingOff, 'waiting to retry'),
    retries > 0 ? plural(retries, 'retry', 'retries') : '',
  ].filter((part) => part !== '');
}

function counted(number: number, words: string): string {
  return number > 0 ? `${formatCount(number)} ${words}` : '';
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

function slowed({ slowed: hosts }: Progress): string[] {
  if (hosts === undefined) return [];
  const held = hosts.held > 0 ? `${formatCount(hosts.held)} held (asked again in ${clock(hosts.askMs)})` : '';
  return [counted(hosts.paced, 'paced'), held, counted(hosts.down, 'down')].filter((text) => text !== '');
}

/** The greatest come first. */
function atOnce({ atOnce: limits = [] }: Progress): string[] {
  const sorted = [...limits].sort((a, b) => b.limit - a.limit);
  return sorted.map(({ host, limit }) => `${shortHost(host)} ${formatCount(limit)}`);
}

/** While the queue is lost, nobody knows how many there are. */
function workers({ workers: known }: Progress): string[] {
  if (known === undefined) return [];
  const count = known.queue === 'lost' ? 'unknown' : formatCount(known.count);
  return known.queue === 'open' ? [count] : [count, queueWords[known.queue]];
}

const queueWords = { lost: 'no connection to the queue', full: 'the queue is full' } as const;

function network({ networkAskMs }: Progress): string[] {
  return networkAskMs === undefined ? [] : [`no host answers any more (asked again in ${clock(networkAskMs)})`];
}

function slowHosts({ slowest }: Progress, width: number): string[] {
  const [first, ...others] = slowest.map(
    ({ host, meanAnswerMs }) => `${shortHost(host)} ${formatDuration(meanAnswerMs)}`,
  );
  return first === undefined ? [] : [fitted(named('slowest', first), others, ', ', width)];
}

/** Names a request that has been running for long, with its age and, where there is room, its attempt. */
function running({ url, forMs, attempts, isInFlight }: RunningFor, name: string, width: number): string {
  const age = named(name, clock(forMs));
  const attempt = attempts > 1 || !isInFlight ? `, attempt ${attempts}${isInFlight ? '' : ' failed'}` : '';
  const front = widthOf(age + attempt) + minUrlColumns > width ? age : age + attempt;
  return shorten(`${front}  ${shorten(printable(url), Math.max(1, width - widthOf(front) - 2))}`, width);
}

const minUrlColumns = 24;

function shortHost(host: string): string {
  return shorten(shownHost(host), maxHostColumns);
}

const maxHostColumns = 32;

function named(name: string, text: string): string {
  return `  ${name.padEnd(nameWidth)}  ${text}`;
}

const nameWidth = 'bad status'.length;

/** Joins the first part with as many of the others as fit into `width`. */
function fitted(first: string, others: readonly string[], separator: string, width: number): string {
  let line = first;
  for (const part of others) {
    const longer = line + separator + part;
    if (widthOf(longer) > width) break;
    line = longer;
  }
  return shorten(line, width);
}

/** Fits a list into `width` and appends how many items were left out; empty for an empty list. */
function listed(name: string, parts: readonly string[], width: number): string {
  if (parts.length === 0) return '';
  for (let shown = Math.min(parts.length, maxListed); shown > 1; shown -= 1) {
    const rest = parts.length - shown;
    const line = named(name, parts.slice(0, shown).join(', ')) + (rest > 0 ? `, ${formatCount(rest)} more` : '');
    if (widthOf(line) <= width) return line;
  }
  return fitted(named(name, parts[0]!), parts.length > 1 ? [`${formatCount(parts.length - 1)} more`] : [], ', ', width);
}

const maxListed = 8;
