import { isatty } from 'node:tty';
import type { BottleneckShare } from '../../src/scheduling/bottleneck.ts';
import { createFetcher, type Fetcher } from '../../src/fetcher/fetcher.ts';
import { Resumption } from '../../src/journal/resumption.ts';
import type { OutputError } from '../../src/outputs/files/output-error.ts';
import type { FetchResult } from '../../src/http/result.ts';
import { createStats, type Stats } from '../../src/stats/stats.ts';
import { limitsOf, type LimitsGiven } from './watch/bottleneck-words.ts';
import { usesColor } from '../rows/uses-color.ts';
import { watchDeadline } from './stop/deadline.ts';
import { leavesRecords, openDestination } from './destination.ts';
import { watchErrors } from './stop/error-budget.ts';
import { exitCode } from './stop/exit-code.ts';
import { failureDetail } from '../rows/failure-detail.ts';
import { makeFormat } from '../rows/make-format.ts';
import { Halt } from './stop/halt.ts';
import type { Intake } from './intake.ts';
import { handleSignals } from './stop/signals.ts';
import { openLists } from './open-lists.ts';
import type { FetchPlan } from './fetch-plan.ts';
import { programName } from '../process/program-name.ts';
import { record } from '../rows/record.ts';
import { results } from './results.ts';
import { resumeCommand } from './resume-command.ts';
import { endWords } from './run-end.ts';
import { say } from '../rows/say.ts';
import { UsageError } from '../flags/usage-error.ts';
import { watchRun, type Watch } from './watch/watch-run.ts';
import { boundYoungGeneration } from '../process/young-generation.ts';

/** Does what was planned, tells how it ended, and gives the exit code. */
export async function runFetch(plan: FetchPlan, argv: readonly string[]): Promise<number> {
  boundYoungGeneration();
  const fetcher = openFetcher(plan);
  const resumption = plan.resume ? new Resumption({ retryFailed: plan.retryFailed }) : undefined;
  const intake = openLists(plan, resumption && ((request) => resumption.isPending(request)));
  try {
    return await fetchAll({ plan, fetcher, intake, resumption, argv });
  } finally {
    intake.close();
    await fetcher.close();
  }
}

interface Command {
  readonly plan: FetchPlan;
  readonly fetcher: Fetcher;
  readonly intake: Intake;
  readonly resumption: Resumption | undefined;
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

async function fetchAll({ plan, fetcher, intake, resumption, argv }: Command): Promise<number> {
  const halt = new Halt();
  const unheed = handleSignals(halt);
  const unwatch = watchDeadline(halt, plan.deadlineMs);
  const checkErrors = watchErrors(halt, plan.maxErrors);
  const stats = createStats();
  const limits = limitsOf(plan);
  let watch: Watch | undefined;
  try {
    const output = await openDestination(plan, resumption, halt.stop, (text) => watch?.above(text) ?? text);
    const format = await makeFormat(plan, colorsRecords(plan));
    const startedAt = performance.now();
    watch = watchRun(plan, limits, { stats, fetcher, intake, halt, before: () => resumption?.done ?? 0 });
    // Without an output it was stopped before it knew what is left.
    const outputFailure =
      output &&
      (await record(results(plan, { fetcher, requests: intake, halt, resumption }), {
        output,
        format,
        recorded(result) {
          take(result, stats, plan);
          checkErrors(stats);
        },
      }));
    const wallMs = performance.now() - startedAt;
    const bounds = watch.end();
    unwatch();
    halt.over();
    if (output && halt.cause !== undefined) await intake.countRest(maxCountMs);
    tellEnd({ stats, wallMs, bounds, limits, halt, intake, resumption, outputFailure }, plan, argv);
    return exitCode({
      halted: halt.cause,
      inputFailed: intake.failure !== undefined,
      output: !outputFailure ? 'written' : outputFailure.closedByReader ? 'closed' : 'failed',
      allOk: stats.ok === stats.count && !resumption?.notOk,
    });
  } finally {
    watch?.end();
    unwatch();
    halt.over();
    unheed();
  }
}

/** How long we read on after the end, only to say how much there would have been. */
const maxCountMs = 1000;

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
  readonly bounds: readonly BottleneckShare[];
  readonly limits: LimitsGiven;
  readonly halt: Halt;
  readonly intake: Intake;
  readonly resumption: Resumption | undefined;
  readonly outputFailure: OutputError | undefined;
}

function tellEnd(
  { stats, wallMs, bounds, limits, halt, intake, resumption, outputFailure }: Ended,
  plan: FetchPlan,
  argv: readonly string[],
): void {
  const end = {
    stats,
    wallMs,
    bounds,
    limits,
    halted: halt.cause,
    neverStarted: intake.taken - stats.count,
    mayBeMore: !intake.isAtEnd,
    readsStdin: intake.readsStdin,
    before: { done: resumption?.done ?? 0, notOk: resumption?.notOk ?? 0 },
    inputFailure: intake.failure,
    outputFailure,
    resume: leavesRecords(plan) ? resumeCommand(programName(), argv) : undefined,
  };
  for (const line of endWords(end, plan)) process.stderr.write(`${line}\n`);
}
