import type { InputError } from '../../src/inputs/input-error.ts';
import { formatCount, formatDuration } from '../../src/text/quantity.ts';
import type { OutputError } from '../../src/outputs/files/output-error.ts';
import { renderSummary } from '../../src/outputs/summary/summary.ts';
import { summaryRecord } from '../../src/outputs/summary/summary-json.ts';
import type { BottleneckShare } from '../../src/scheduling/bottleneck.ts';
import { printableJson } from '../../src/text/printable.ts';
import type { Stats } from '../../src/stats/stats.ts';
import { bottleneckWords, type LimitsGiven } from './watch/bottleneck-words.ts';
import { withoutUndefined } from '../flags/given.ts';
import type { HaltCause } from './stop/halt.ts';
import type { FetchPlan } from './fetch-plan.ts';
import { secret } from './resume-command.ts';

/** How a run ended. */
export interface RunEnd {
  readonly stats: Stats;
  readonly wallMs: number;
  /** What held it up, and the limits it had. */
  readonly bounds: readonly BottleneckShare[];
  readonly limits: LimitsGiven;
  /** What ended it before its lists did. */
  readonly halted: HaltCause | undefined;
  /** Requests that were read, or at least counted, and have no record. */
  readonly neverStarted: number;
  /** Whether there may be more of them. */
  readonly mayBeMore: boolean;
  /** What of the list had a record already. */
  readonly before: { readonly done: number; readonly notOk: number };
  /** Whether a list came in by standard input. */
  readonly readsStdin: boolean;
  readonly inputFailure: InputError | undefined;
  readonly outputFailure: OutputError | undefined;
  /** The command that goes on with it; undefined if none can. */
  readonly resume: string | undefined;
}

/** What is told at the end of a run, line by line. */
export function endWords(end: RunEnd, plan: FetchPlan): string[] {
  if (end.outputFailure?.closedByReader) return end.halted === undefined ? [] : [halted(end, plan)];
  const lines = plan.isQuiet ? [] : earlier(end);
  // Of records that were lost there is no count to give.
  if (!end.outputFailure) lines.push(...summary(end, plan));
  if (end.inputFailure) lines.push(line(end.inputFailure.message));
  if (end.outputFailure) lines.push(line(end.outputFailure.message));
  if (end.halted !== undefined) lines.push(halted(end, plan));
  if (end.halted !== undefined || (end.outputFailure && end.resume !== undefined)) lines.push(...remedy(end));
  return lines;
}

function earlier({ before: { done, notOk } }: RunEnd): string[] {
  const failed = notOk > 0 ? `, ${formatCount(notOk)} of them not ok (--retry-failed takes those up again)` : '';
  return done > 0 ? [line(`${formatCount(done)} had ${done === 1 ? 'its' : 'their'} record already${failed}`)] : [];
}

function line(text: string): string {
  return `fetchmany: ${text}`;
}

function summary(end: RunEnd, plan: FetchPlan): string[] {
  switch (plan.summary) {
    case 'text':
      return summaryText(end);
    case 'json':
      return [summaryJson(end)];
    case 'none':
      return [];
    default:
      return plan.summary satisfies never;
  }
}

function summaryText({ stats, wallMs, bounds, limits, before, halted: cause, inputFailure }: RunEnd): string[] {
  if (stats.count > 0) {
    // That all was under way at once held nothing up.
    const isAllAtOnce = bounds[0]?.bound === 'tail' && bounds[0].share > 0.95;
    const bottlenecks = bounds.map(({ bound, share }) => ({ name: bottleneckWords(bound, limits), share }));
    const isCpuBound = bounds[0]?.bound === 'cpu';
    const live = isAllAtOnce ? {} : { bottlenecks, isCpuBound };
    return [
      renderSummary(stats, wallMs, { ...live, ...withoutUndefined({ width: process.stderr.columns }) }).trimEnd(),
    ];
  }
  if (before.done > 0) return cause === undefined ? [line('nothing was left to do')] : [];
  return cause === undefined && !inputFailure ? [line('the list is empty: there is no URL in it')] : [];
}

function summaryJson({ stats, wallMs, bounds, before, halted: cause, neverStarted, mayBeMore }: RunEnd): string {
  const run = { before, halted: cause ?? null, neverStarted, mayBeMore };
  return printableJson(JSON.stringify({ ...summaryRecord(stats, wallMs, bounds), ...run }));
}

function halted({ halted: cause, stats, neverStarted, mayBeMore }: RunEnd, plan: FetchPlan): string {
  const why = reason(cause, plan);
  const never = `${mayBeMore ? 'at least ' : ''}${formatCount(neverStarted)}`;
  return line(`${why}: ${formatCount(stats.cancelled)} cut off in flight, ${never} never started`);
}

function reason(cause: HaltCause | undefined, { deadlineMs, maxErrors }: FetchPlan): string {
  if (cause === 'deadline') return `the deadline of ${formatDuration(deadlineMs ?? 0)} was reached`;
  if (cause !== 'max-errors' || !maxErrors) return `stopped by ${cause}`;
  return `more than ${maxErrors.most}${maxErrors.unit === 'percent' ? '%' : ''} of the records are not ok (--max-errors)`;
}

/** How to go on with what is left. */
function remedy({ stats, neverStarted, mayBeMore, readsStdin, outputFailure, resume }: RunEnd): string[] {
  if (stats.cancelled + neverStarted === 0 && !mayBeMore && !outputFailure) return [];
  if (resume === undefined) {
    return [line('this run cannot be resumed; one that can is one with -o FILE.jsonl')];
  }
  const sameList = readsStdin ? ', given the same list on standard input' : '';
  const hidden = resume.includes(secret) ? ` (put in what is hidden as ${secret})` : '';
  return [line(`this goes on with what is left${sameList}${hidden}:`), resume];
}
