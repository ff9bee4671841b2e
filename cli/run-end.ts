import type { InputError } from '../src/inputs/input-error.ts';
import { count, duration } from '../src/outputs/quantity.ts';
import type { OutputError } from '../src/outputs/output-error.ts';
import { renderSummary } from '../src/outputs/summary.ts';
import type { Stats } from '../src/stats.ts';
import type { HaltCause } from './halt.ts';
import type { FetchPlan } from './plan.ts';
import { secret } from './resume-command.ts';

/** How a run ended. */
export interface RunEnd {
  readonly stats: Stats;
  readonly wallMs: number;
  /** What ended it before its lists did. */
  readonly halted: HaltCause | undefined;
  /** Requests that were read, or at least counted, and have no record. */
  readonly neverStarted: number;
  /** Whether there may be more of them. */
  readonly mayBeMore: boolean;
  /** Whether a list came in by standard input. */
  readonly readsStdin: boolean;
  readonly inputFailure: InputError | undefined;
  readonly outputFailure: OutputError | undefined;
  /** The command that goes on with it. */
  readonly resume: string;
}

/** What is told at the end of a run, line by line. */
export function endWords(end: RunEnd, plan: FetchPlan): string[] {
  if (end.outputFailure?.closedByReader) return end.halted === undefined ? [] : [halted(end, plan)];
  const lines: string[] = [];
  // Of records that were lost there is no count to give.
  if (!plan.isQuiet && !end.outputFailure) lines.push(...summary(end));
  if (end.inputFailure) lines.push(line(end.inputFailure.message));
  if (end.outputFailure) lines.push(line(end.outputFailure.message));
  if (end.halted !== undefined) lines.push(halted(end, plan), ...remedy(end, plan));
  return lines;
}

function line(text: string): string {
  return `fetchmany: ${text}`;
}

function summary({ stats, wallMs, halted: cause, inputFailure }: RunEnd): string[] {
  if (stats.count > 0) return [renderSummary(stats, wallMs).trimEnd()];
  return cause === undefined && !inputFailure ? [line('the list is empty: there is no URL in it')] : [];
}

function halted({ halted: cause, stats, neverStarted, mayBeMore }: RunEnd, { deadlineMs }: FetchPlan): string {
  const why = cause === 'deadline' ? `the deadline of ${duration(deadlineMs ?? 0)} was reached` : `stopped by ${cause}`;
  const never = `${mayBeMore ? 'at least ' : ''}${count(neverStarted)}`;
  return line(`${why}: ${count(stats.cancelled)} cut off in flight, ${never} never started`);
}

/** How to go on with what is left. */
function remedy({ stats, neverStarted, mayBeMore, readsStdin, resume }: RunEnd, plan: FetchPlan): string[] {
  if (stats.cancelled + neverStarted === 0 && !mayBeMore) return [];
  if (plan.format !== 'jsonl' || plan.output === undefined || plan.output === '-') {
    return [line('this run cannot be resumed; one that can is one with -o FILE.jsonl')];
  }
  const sameList = readsStdin ? ', given the same list on standard input' : '';
  const hidden = resume.includes(secret) ? ` (put in what is hidden as ${secret})` : '';
  return [line(`this goes on with what is left${sameList}${hidden}:`), resume];
}
