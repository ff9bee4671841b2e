import { isatty } from 'node:tty';
import { createFetcher, type Fetcher } from '../src/fetcher.ts';
import { openOutput } from '../src/outputs/open-output.ts';
import type { OutputError } from '../src/outputs/output-error.ts';
import type { FetchResult } from '../src/result.ts';
import { createStats, type Stats } from '../src/stats.ts';
import { usesColor } from './color.ts';
import { watchDeadline } from './deadline.ts';
import { exitCode } from './exit-code.ts';
import { failureDetail } from './failure-detail.ts';
import { makeFormat } from './formats.ts';
import { Halt } from './halt.ts';
import type { Intake } from './intake.ts';
import { heedSignals } from './interrupt.ts';
import { openLists } from './open-lists.ts';
import type { FetchPlan } from './plan.ts';
import { programName } from './program.ts';
import { record } from './record.ts';
import { results } from './results.ts';
import { resumeCommand } from './resume-command.ts';
import { endWords } from './run-end.ts';
import { say } from './say.ts';
import { UsageError } from './usage-error.ts';

/** Does what was planned, tells how it ended, and gives the exit code. */
export async function fetchPlanned(plan: FetchPlan, argv: readonly string[]): Promise<number> {
  const fetcher = openFetcher(plan);
  const intake = openLists(plan);
  try {
    return await fetchAll({ plan, fetcher, intake, argv });
  } finally {
    intake.close();
    await fetcher.close();
  }
}

interface Command {
  readonly plan: FetchPlan;
  readonly fetcher: Fetcher;
  readonly intake: Intake;
  readonly argv: readonly string[];
}

/** What the library refuses of what it was told is a mistake in the command line. */
function openFetcher(plan: FetchPlan): Fetcher {
  warnAboutTls(plan);
  try {
    return createFetcher(plan.fetcher);
  } catch (cause) {
    throw new UsageError((cause as Error).message, { cause });
  }
}

function warnAboutTls({ fetcher }: FetchPlan): void {
  if (fetcher.tls?.rejectUnauthorized === false) {
    say('WARNING: -k: certificates are NOT verified; anyone on the way can read and change what is fetched');
  } else if (process.env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0') {
    say(
      'WARNING: NODE_TLS_REJECT_UNAUTHORIZED=0 has no effect here, certificates are verified; -k would switch that off',
    );
  }
}

async function fetchAll({ plan, fetcher, intake, argv }: Command): Promise<number> {
  const output = await openOutput(plan.output, { overwrite: plan.overwrite });
  const halt = new Halt();
  const unheed = heedSignals(halt);
  const unwatch = watchDeadline(halt, plan.deadlineMs);
  const stats = createStats();
  const startedAt = performance.now();
  try {
    const outputFailure = await record(results(plan, { fetcher, requests: intake, halt }), {
      output,
      format: makeFormat(plan, colorsRecords(plan)),
      recorded: (result) => take(result, stats, plan),
    });
    const wallMs = performance.now() - startedAt;
    unwatch();
    if (halt.cause !== undefined) await intake.countRest(longestCountMs);
    tellEnd({ stats, wallMs, halt, intake, outputFailure }, plan, argv);
    return exitCode({
      halted: halt.cause,
      inputFailed: intake.failure !== undefined,
      output: !outputFailure ? 'written' : outputFailure.closedByReader ? 'closed' : 'failed',
      allOk: stats.ok === stats.count,
    });
  } finally {
    unwatch();
    unheed();
  }
}

/** How long we read on after the end, only to say how much there would have been. */
const longestCountMs = 1000;

function colorsRecords({ mayColor, output }: FetchPlan): boolean {
  const isTerminal = (output === undefined || output === '-') && isatty(1);
  return mayColor && usesColor({ isTerminal, env: process.env });
}

function take(result: FetchResult, stats: Stats, { isVerbose }: FetchPlan): void {
  stats.add(result);
  const detail = isVerbose ? failureDetail(result) : undefined;
  if (detail !== undefined) say(detail);
}

interface Ended {
  readonly stats: Stats;
  readonly wallMs: number;
  readonly halt: Halt;
  readonly intake: Intake;
  readonly outputFailure: OutputError | undefined;
}

function tellEnd(
  { stats, wallMs, halt, intake, outputFailure }: Ended,
  plan: FetchPlan,
  argv: readonly string[],
): void {
  const end = {
    stats,
    wallMs,
    halted: halt.cause,
    neverStarted: intake.taken - stats.count,
    mayBeMore: !intake.isAtEnd,
    readsStdin: intake.readsStdin,
    inputFailure: intake.failure,
    outputFailure,
    resume: resumeCommand(programName(), argv),
  };
  for (const line of endWords(end, plan)) process.stderr.write(`${line}\n`);
}
