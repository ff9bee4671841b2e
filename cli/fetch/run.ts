import { existsSync } from 'node:fs';
import type { BottleneckShare } from '../../src/scheduling/bottleneck.ts';
import type { FetcherOptions } from '../../src/fetcher/options.ts';
import { createFetcher, type Fetcher } from '../../src/fetcher/fetcher.ts';
import { Resumption } from '../../src/journal/resumption.ts';
import type { SavedRow } from '../../src/outputs/bodies/saver.ts';
import type { OutputError } from '../../src/outputs/files/output-error.ts';
import type { FetchResult } from '../../src/http/result.ts';
import { printable } from '../../src/text/printable.ts';
import { createStats, type Stats } from '../../src/stats/stats.ts';
import type { LimitedHosts } from '../../src/outputs/summary/limited-hosts.ts';
import { limitedHosts } from './watch/limited-hosts.ts';
import { limitsOf, type LimitsGiven } from './watch/bottleneck-words.ts';
import { leavesRecords, openDestination } from './open-destination.ts';
import { watchErrors } from './stop/error-budget.ts';
import { exitCode } from './stop/exit-code.ts';
import { explainer } from './explainer.ts';
import { makeFormat } from '../rows/make-format.ts';
import { Halt } from './stop/halt.ts';
import type { Intake } from './intake.ts';
import { handleSignals } from './stop/handle-signals.ts';
import { openLists } from './open-lists.ts';
import type { FetchPlan } from './fetch-plan.ts';
import type { Keeper } from './keep/keeper.ts';
import type { SavedCookieJar } from '../../src/outputs/cookies/open-cookie-jar.ts';
import type { Format } from '../../src/outputs/formats/format.ts';
import { isHttpsGuess } from './https-guess.ts';
import type { ResolveUse } from './network/resolve-use.ts';
import type { openJunitReport } from './junit-report.ts';
import { isOutcome } from '../rows/outcome.ts';
import { pendingOf, withIdentity, type FirstOrigin } from './with-identity.ts';
import { columnsOf } from '../process/columns-of.ts';
import { programName } from '../process/program-name.ts';
import { record } from '../rows/record.ts';
import { results } from './results.ts';
import { resumeCommand } from './resume-command.ts';
import { endWords, type RunEnd } from './run-end.ts';
import { say } from '../rows/say.ts';
import { UsageError } from '../flags/usage-error.ts';
import { SitemapFetcher } from './sitemap-fetcher.ts';
import { watchRun, type Watch } from './watch/watch-run.ts';
import { delayTurboFan } from '../process/late-turbofan.ts';
import { boundYoungGeneration } from '../process/young-generation.ts';

/** Runs a plan, reports how it ended, and returns the exit code. */
export async function runFetch(plan: FetchPlan, argv: readonly string[]): Promise<number> {
  boundYoungGeneration();
  delayTurboFan();
  let intake: Intake | undefined;
  const { keeper, resumption } = await openKeeping(plan, (place) => intake?.lineOf(place));
  let cookies: SavedCookieJar | undefined;
  let sitemaps: SitemapFetcher | undefined;
  let fetcher: Fetcher | undefined;
  try {
    cookies = await openCookies(plan);
    sitemaps = new SitemapFetcher(withIdentity(plan, cookies));
    const first: FirstOrigin = {};
    fetcher = openFetcher(withIdentity(plan, cookies, first), plan, keeper);
    const isPending = resumption && pendingOf(resumption, first);
    const lists = openLists(plan, sitemaps, { isPending, onColumns: keeper?.checkColumns });
    ({ intake } = lists);
    return await fetchAll({ plan, fetcher, keeper, ...lists, resumption, argv });
  } finally {
    intake?.close();
    await Promise.all([fetcher?.close() ?? keeper?.receiver.close?.(), sitemaps?.close()]);
    await cookies?.close();
  }
}

/** Opens what the records and the files of earlier runs are needed for. The keeper is loaded only when it is used. */
async function openKeeping(
  plan: FetchPlan,
  lineOf: (place: number) => number | undefined,
): Promise<{ readonly keeper: Keeper | undefined; readonly resumption: Resumption | undefined }> {
  let resumption: Resumption | undefined;
  const rowOf = (place: number): SavedRow => ({ index: resumption?.indexOf(place) ?? place, line: lineOf(place) });
  const keeper = plan.keep && (await (await import('./keep/keeper.ts')).openKeeper(plan.keep, plan, rowOf));
  if (plan.resume) {
    const { retryFailed } = plan;
    resumption = new Resumption({ retryFailed, ...(keeper && { isSaved: keeper.isSaved }) });
  }
  return { keeper, resumption };
}

/** Opens the jar, whose rules take a while to load: only if there is one. */
async function openCookies({ cookieJar, isQuiet }: FetchPlan): Promise<SavedCookieJar | undefined> {
  if (cookieJar === undefined) return undefined;
  const { openCookieJar } = await import('../../src/outputs/cookies/open-cookie-jar.ts');
  const isNew = !existsSync(cookieJar);
  const jar = await openCookieJar(cookieJar);
  if (isNew && !isQuiet)
    say(`--cookie-jar ${printable(cookieJar)}: there is no such file yet; the run begins without cookies`);
  return jar;
}

interface Command {
  readonly plan: FetchPlan;
  readonly fetcher: Fetcher;
  readonly keeper: Keeper | undefined;
  readonly intake: Intake;
  /** Columns of the input, once they are known. */
  readonly columns: () => readonly string[] | undefined;
  /** The delimiter of the first table, once it is known. */
  readonly delimiter: () => string | undefined;
  readonly resumption: Resumption | undefined;
  readonly argv: readonly string[];
}

/**
 * Creates the fetcher. Options that the library refuses are mistakes in the command line: throws a {@link UsageError}.
 */
function openFetcher(options: FetcherOptions, plan: FetchPlan, keeper: Keeper | undefined): Fetcher {
  warnAboutTls(plan);
  try {
    return createFetcher(keeper ? { ...options, responseBody: keeper.receiver } : options);
  } catch (cause) {
    throw new UsageError((cause as Error).message, { cause });
  }
}

function warnAboutTls({ fetcher }: FetchPlan): void {
  if (fetcher.tls?.rejectUnauthorized === false) {
    say('WARNING: -k: certificates are NOT verified; anyone on the network path can read and change the traffic');
  } else if (process.env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0') {
    say('WARNING: NODE_TLS_REJECT_UNAUTHORIZED=0 has no effect here: certificates are verified (-k disables that)');
  }
}

async function fetchAll(command: Command): Promise<number> {
  const { plan, intake, resumption } = command;
  const halt = new Halt(plan.deadlineMs);
  const removeHandlers = handleSignals(halt);
  halt.stop.addEventListener('abort', () => intake.stop());
  try {
    const run = await recordAll(command, halt);
    if (run.isOpened && halt.cause !== undefined) await intake.countRest(maxCountMs);
    for (const line of endWords(runEnd(run, command, halt), plan)) process.stderr.write(`${line}\n`);
    const { stats, outputFailure } = run;
    return exitCode({
      halted: halt.cause,
      inputFailed: intake.failure !== undefined,
      output: !outputFailure ? 'written' : outputFailure.closedByReader ? 'closed' : 'failed',
      isEmpty: isEmpty(command, halt),
      allOk: stats.ok === stats.count && !resumption?.notOk,
    });
  } finally {
    removeHandlers();
  }
}

/** Tells whether the input has no URL, and was to have one. */
function isEmpty({ plan, intake }: Command, halt: Halt): boolean {
  return halt.cause === undefined && intake.isAtEnd && intake.read === 0 && !plan.lists.allowEmpty;
}

/** Milliseconds to spend on counting the rest of the input after a halt. */
const maxCountMs = 1000;

/** The outcome of {@link recordAll}. */
interface Run {
  readonly stats: Stats;
  readonly wallMs: number;
  readonly bottlenecks: readonly BottleneckShare[];
  /** Hosts that did not get all that waited for them. */
  readonly hosts: LimitedHosts;
  readonly limits: LimitsGiven;
  /** False if the run was halted while the records of earlier runs were being read. */
  readonly isOpened: boolean;
  readonly outputFailure: OutputError | undefined;
  readonly httpsGuesses: number;
  readonly notes: readonly string[];
}

/** Watches the use of `--resolve`, if it is given. */
async function watchResolve({ fetcher, lists }: FetchPlan): Promise<ResolveUse | undefined> {
  const values = fetcher.connect?.resolve;
  if (values === undefined) return undefined;
  const { ResolveUse } = await import('./network/resolve-use.ts');
  return new ResolveUse(values, lists.read.defaultScheme ?? 'https');
}

/** Fetches everything and writes the records, with progress; ends the display and the timers in any case. */
async function recordAll(command: Command, halt: Halt): Promise<Run> {
  const { plan, fetcher, keeper, intake, columns, delimiter, resumption } = command;
  const stats = createStats();
  const limits = limitsOf(plan);
  const checkErrors = watchErrors(halt, plan.maxErrors);
  const explain = explainer(plan);
  const resolveUse = await watchResolve(plan);
  let httpsGuesses = 0;
  let watch: Watch | undefined;

  function recorded(result: FetchResult): void {
    stats.add(result);
    explain(result);
    checkErrors(stats);
    resolveUse?.see(result);
    if (isHttpsGuess(result, plan)) httpsGuesses += 1;
    if (result.kind === 'failure' && result.error.code === 'DISK_FULL') halt.cancelRunning('disk-full');
    else if (keeper?.isBroken()) halt.cancelRunning('archive');
  }

  try {
    const output = await openDestination(plan, resumption, halt.stop, (text) => watch?.above(text) ?? text);
    const report = plan.junit === undefined ? undefined : await openReport(plan.junit, plan, resumption);
    const rows = onlyOf(plan, await makeFormat({ ...plan, inputColumns: columns, inputDelimiter: delimiter }));
    const format = plan.output === undefined ? rows : emptyWithout(rows, () => intake.failure !== undefined);
    const startedAt = performance.now();
    watch = watchRun(plan, limits, { stats, fetcher, intake, halt, before: () => resumption?.done ?? 0 });
    const parts = { fetcher, intake, halt, resumption };
    const all = report === undefined ? results(plan, parts) : report(results(plan, parts));
    const outputFailure = output && (await record(all, { output, format }, recorded));
    const wallMs = performance.now() - startedAt;
    const isOpened = output !== undefined;
    const hosts = limitedHosts(fetcher.load());
    const notes = halt.cause === undefined ? (resolveUse?.notes() ?? []) : [];
    const end = { isOpened, outputFailure, httpsGuesses, notes };
    return { stats, wallMs, bottlenecks: watch.bottlenecks(), hosts, limits, ...end };
  } finally {
    watch?.end();
    halt.close();
  }
}

/** Loads the report only if there is one. */
async function openReport(
  path: string,
  { expected, output, retryFailed }: FetchPlan,
  resumption: Resumption | undefined,
): ReturnType<typeof openJunitReport> {
  const earlier = resumption && output !== undefined ? { path: output, retryFailed } : undefined;
  return (await import('./junit-report.ts')).openJunitReport(path, expected, earlier);
}

/** Leaves out the rows of other outcomes. */
function onlyOf({ only }: FetchPlan, format: Format): Format {
  if (only.length === 0) return format;
  return { ...format, row: (result) => (only.some((outcome) => isOutcome(result, outcome)) ? format.row(result) : '') };
}

/** Leaves a file empty if the input failed before the first row: the corrected command may write to it then. */
function emptyWithout(format: Format, hasFailed: () => boolean): Format {
  const { head, row, tail } = format;
  if (head === undefined && tail === undefined) return format;
  let begin = head;
  let hasRow = false;
  return {
    row(result) {
      const beginning = begin?.() ?? '';
      begin = undefined;
      hasRow = true;
      return beginning + row(result);
    },
    tail: () => (!hasRow && hasFailed() ? '' : (begin?.() ?? '') + (tail?.() ?? '')),
  };
}

function runEnd(run: Run, command: Command, halt: Halt): RunEnd {
  const { plan, intake, resumption, argv } = command;
  return {
    ...run,
    halted: halt.cause,
    neverStarted: intake.taken - run.stats.count,
    mayBeMore: !intake.isAtEnd,
    readsStdin: intake.readsStdin,
    isEmpty: isEmpty(command, halt),
    before: { done: resumption?.done ?? 0, notOk: resumption?.notOk ?? 0 },
    inputFailure: intake.failure,
    resume: leavesRecords(plan) ? resumeCommand(programName(), argv, columnsOf(process.stderr)) : undefined,
  };
}
