import { columnsOf } from '../process/columns-of.ts';
import type { InputError } from '../../src/inputs/input-error.ts';
import { formatCount, formatDuration, plural } from '../../src/text/quantity.ts';
import type { OutputError } from '../../src/outputs/files/output-error.ts';
import type { LimitedHosts } from '../../src/outputs/summary/limited-hosts.ts';
import { renderSummary } from '../../src/outputs/summary/summary.ts';
import { summaryRecord } from '../../src/outputs/summary/summary-json.ts';
import type { BottleneckShare } from '../../src/scheduling/bottleneck.ts';
import { printableJson } from '../../src/text/printable.ts';
import type { Stats } from '../../src/stats/stats.ts';
import { bottleneckWords, type LimitsGiven } from './watch/bottleneck-words.ts';
import { withoutUndefined } from '../flags/given.ts';
import type { HaltCause } from './stop/halt.ts';
import { isResumable, type FetchPlan } from './fetch-plan.ts';
import { messageLines } from '../rows/say.ts';
import { tipOf } from './tip.ts';
import { listAgain, secret } from './resume-command.ts';

/** The facts about a run that are printed at its end. */
export interface RunEnd {
  readonly stats: Stats;
  readonly wallMs: number;
  /** The bottlenecks of the run, largest share first. */
  readonly bottlenecks: readonly BottleneckShare[];
  /** Hosts that did not get all that waited for them. */
  readonly hosts: LimitedHosts;
  readonly limits: LimitsGiven;
  /** The cause that ended the run before its input did. */
  readonly halted: HaltCause | undefined;
  /** Number of requests that were read or counted and have no record. */
  readonly neverStarted: number;
  /** True if the input was not read to its end: there may be more. */
  readonly mayBeMore: boolean;
  /** Records that earlier runs left for URLs of this input. */
  readonly before: { readonly done: number; readonly notOk: number };
  /** True if a list was read from standard input. */
  readonly readsStdin: boolean;
  /** True if the input has no URL, which is an error. */
  readonly isEmpty: boolean;
  /** Number of failures of hosts without a scheme that may serve http only. @default 0 */
  readonly httpsGuesses?: number;
  /** Further lines, about options that had no effect. */
  readonly notes?: readonly string[];
  readonly inputFailure: InputError | undefined;
  readonly outputFailure: OutputError | undefined;
  /** The command that continues the run; undefined if it cannot be resumed. */
  readonly resume: string | undefined;
}

/** Returns the lines to print at the end of a run. */
export function endWords(end: RunEnd, plan: FetchPlan): string[] {
  if (end.outputFailure?.closedByReader) return end.halted === undefined ? [] : [halted(end, plan)];
  const lines = plan.isQuiet ? [] : [...earlier(end), ...(end.notes ?? []).map(line)];
  // If records were lost, the counts would be wrong.
  if (!end.outputFailure) lines.push(...summary(end, plan));
  if (end.isEmpty && !end.inputFailure)
    lines.push(line('the input contains no URLs (with --allow-empty, this is no error)'));
  if (end.inputFailure) lines.push(line(end.inputFailure.message));
  if (end.outputFailure) lines.push(line(end.outputFailure.message));
  if (end.halted !== undefined) lines.push(halted(end, plan));
  if (end.halted !== undefined || (end.outputFailure && end.resume !== undefined)) lines.push(...remedy(end));
  return lines;
}

function earlier({ before: { done, notOk } }: RunEnd): string[] {
  if (done === 0) return [];
  const failed = notOk > 0 ? `; ${formatCount(notOk)} of them not ok (--retry-failed fetches those again)` : '';
  return [line(`skipped ${plural(done, 'URL')} already recorded${failed}`)];
}

function line(text: string): string {
  return messageLines(text).join('\n');
}

function summary(end: RunEnd, plan: FetchPlan): string[] {
  switch (plan.summary) {
    case 'text':
      return summaryText(end, plan);
    case 'json':
      return [summaryJson(end)];
    case 'none':
      return [];
    default:
      return plan.summary satisfies never;
  }
}

function summaryText(end: RunEnd, plan: FetchPlan): string[] {
  const { stats, wallMs, bottlenecks, hosts, limits, before, halted: cause, inputFailure, isEmpty } = end;
  if (stats.count > 0) {
    // Everything ran at once, so nothing limited the run.
    const isAllAtOnce = bottlenecks[0]?.bound === 'tail' && bottlenecks[0].share > 0.95;
    const named = bottlenecks.map(({ bound, share }) => ({ name: bottleneckWords(bound, limits), share }));
    const isCpuBound = bottlenecks[0]?.bound === 'cpu';
    const live = isAllAtOnce ? { hosts } : { bottlenecks: named, isCpuBound, hosts };
    const width = columnsOf(process.stderr);
    // A halted run has its own advice.
    const { isVerbose } = plan;
    const tip =
      cause === undefined
        ? tipOf({ ...end, isVerbose, isResumable: isResumable(plan), fetcher: plan.fetcher })
        : undefined;
    return [renderSummary(stats, wallMs, { ...live, ...withoutUndefined({ width, tip }) }).trimEnd()];
  }
  if (before.done > 0) return cause === undefined ? [line('all URLs are already done')] : [];
  return cause === undefined && !inputFailure && !isEmpty ? [line('the input contains no URLs')] : [];
}

function summaryJson({
  stats,
  wallMs,
  bottlenecks,
  hosts,
  before,
  halted: cause,
  neverStarted,
  mayBeMore,
}: RunEnd): string {
  const run = { before, halted: cause ?? null, neverStarted, mayBeMore };
  return printableJson(JSON.stringify({ ...summaryRecord(stats, wallMs, bottlenecks, hosts), ...run }));
}

function halted({ halted: cause, stats, neverStarted, mayBeMore }: RunEnd, plan: FetchPlan): string {
  const cancelled = stats.cancelled > 0 ? [`${plural(stats.cancelled, 'request')} cancelled`] : [];
  const isOnlyCancelled = cancelled.length > 0 && neverStarted === 0 && !mayBeMore;
  const rest = isOnlyCancelled ? [] : [unstarted(neverStarted, mayBeMore)];
  return line(`${reason(cause, plan)}: ${[...cancelled, ...rest].join(', ')}`);
}

function unstarted(count: number, mayBeMore: boolean): string {
  if (count === 0) return mayBeMore ? 'the rest of the list was not read' : 'all URLs were done';
  return `${mayBeMore ? 'at least ' : ''}${plural(count, 'URL')} not started`;
}

function reason(cause: HaltCause | undefined, { deadlineMs, maxErrors }: FetchPlan): string {
  if (cause === 'deadline') return `deadline of ${formatDuration(deadlineMs ?? 0)} reached`;
  if (cause === 'disk-full') return 'no disk space left to save bodies (DISK_FULL)';
  if (cause === 'archive') return 'the WARC file can no longer be written (FILE_IO)';
  if (cause !== 'max-errors' || !maxErrors) return `stopped by ${cause}`;
  return `more than ${maxErrors.max}${maxErrors.unit === 'percent' ? '%' : ''} of the records are not ok (--max-errors)`;
}

/** Tells how to continue the run. */
function remedy(end: RunEnd): string[] {
  const { halted: cause, stats, neverStarted, mayBeMore, readsStdin, outputFailure, resume } = end;
  const isDone = stats.cancelled + neverStarted === 0 && !mayBeMore && cause !== 'disk-full' && cause !== 'archive';
  if (isDone && !outputFailure) return [];
  if (resume === undefined) {
    return [line('this run cannot be resumed; use -o FILE.jsonl next time')];
  }
  const hidden = resume.includes(secret) ? `, with the original values in place of ${secret}` : '';
  return [line(`to continue${listAgain(resume, readsStdin)}${hidden}:`), resume];
}
