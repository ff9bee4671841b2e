import { coordinate, type CoordinatorEnd } from '../../../src/distributed/coordinator.ts';
import type { ListedInput } from '../../../src/distributed/read-list.ts';
import type { CoordinatorState } from '../../../src/distributed/run-report.ts';
import type { FetcherOptions } from '../../../src/fetcher/options.ts';
import type { ResultRecord } from '../../../src/http/record.ts';
import { OutputError } from '../../../src/outputs/files/output-error.ts';
import { noLimitedHosts } from '../../../src/outputs/summary/limited-hosts.ts';
import { noWaits, type FetcherLoad } from '../../../src/scheduling/load.ts';
import { createStats, type Stats } from '../../../src/stats/stats.ts';
import { withoutUndefined } from '../../flags/given.ts';
import { columnsOf } from '../../process/columns-of.ts';
import { programName } from '../../process/program-name.ts';
import { boundYoungGeneration } from '../../process/young-generation.ts';
import { withQueue } from '../../queue/broker-usage.ts';
import { say } from '../../rows/say.ts';
import { explainer } from '../explainer.ts';
import type { FetchPlan } from '../fetch-plan.ts';
import type { Intake } from '../intake.ts';
import { openLists } from '../open-lists.ts';
import { isSecretHeader, resumeCommand } from '../resume-command.ts';
import { endWords } from '../run-end.ts';
import { SitemapFetcher } from '../sitemap-fetcher.ts';
import { watchErrors } from '../stop/error-budget.ts';
import { exitCode } from '../stop/exit-code.ts';
import { Halt } from '../stop/halt.ts';
import { handleSignals } from '../stop/handle-signals.ts';
import { limitsOf } from '../watch/bottleneck-words.ts';
import { showProgress } from '../watch/progress.ts';
import { kindOfProgress } from '../watch/watch-run.ts';
import type { QueuePlan } from './queue-plan.ts';

/** Runs a plan whose requests are made by workers; reports and ends as a run in one process does. */
export async function runQueued(plan: FetchPlan, queue: QueuePlan, argv: readonly string[]): Promise<number> {
  boundYoungGeneration();
  const sitemaps = new SitemapFetcher(plan.fetcher);
  const { intake } = openLists(plan, sitemaps);
  const halt = new Halt(plan.deadlineMs);
  const removeHandlers = handleSignals(halt);
  halt.stop.addEventListener('abort', () => intake.stop());
  try {
    return await report({ plan, queue, argv, intake, halt });
  } finally {
    removeHandlers();
    halt.close();
    intake.close();
    await sitemaps.close();
  }
}

interface Command {
  readonly plan: FetchPlan;
  readonly queue: QueuePlan;
  readonly argv: readonly string[];
  readonly intake: Intake;
  readonly halt: Halt;
}

/** The outcome of {@link recordAll}. */
interface Recorded {
  readonly stats: Stats;
  readonly wallMs: number;
  readonly end: CoordinatorEnd;
  readonly outputFailure: OutputError | undefined;
}

async function report(command: Command): Promise<number> {
  const { plan, intake, halt, argv } = command;
  const { stats, wallMs, end, outputFailure } = await recordAll(command);
  const { before } = end;
  const isEmpty = halt.cause === undefined && intake.isAtEnd && intake.read === 0 && !plan.lists.allowEmpty;
  const words = endWords(
    {
      stats,
      wallMs,
      bottlenecks: [],
      hosts: noLimitedHosts,
      limits: limitsOf(plan),
      halted: halt.cause,
      neverStarted: end.left,
      mayBeMore: !intake.isAtEnd,
      before,
      readsStdin: intake.readsStdin,
      isEmpty,
      inputFailure: intake.failure,
      outputFailure,
      resume: resumeCommand(programName(), argv, columnsOf(process.stderr)),
    },
    plan,
  );
  for (const line of words) process.stderr.write(`${line}\n`);
  return exitCode({
    halted: halt.cause,
    inputFailed: intake.failure !== undefined,
    output: outputFailure ? 'failed' : 'written',
    isEmpty,
    allOk: stats.ok === stats.count && before.notOk === 0,
  });
}

/** Coordinates the run, with progress. */
async function recordAll(command: Command): Promise<Recorded> {
  const { plan, queue, intake, halt } = command;
  const stats = createStats();
  const explain = explainer(plan);
  const checkErrors = watchErrors(halt, plan.maxErrors);
  let state: CoordinatorState | undefined;
  let before = 0;
  const load = (): FetcherLoad => loadOf(state, Math.max(0, intake.taken - before - stats.count));
  const display = showProgress(kindOfProgress(plan, { intake }, 'file'), {
    stats,
    fetcher: { load },
    intake,
    halt,
    before: () => before,
    workers: () => state && { count: state.workers, queue: state.queue },
  });
  const startedAt = performance.now();
  warnAboutSecrets(plan);

  function recorded(record: ResultRecord): void {
    stats.add(record);
    explain(record);
    checkErrors(stats);
  }

  try {
    const end = await withQueue(() =>
      coordinate({
        ...withoutUndefined({ leaseMs: queue.leaseMs }),
        queue: queue.queue,
        name: queue.name,
        inputs: listed(intake),
        output: plan.output!,
        start: plan.resume ? 'resume' : plan.overwrite ? 'overwrite' : 'new',
        retryFailed: plan.retryFailed,
        fsync: plan.fsync,
        includeHeaders: plan.includeHeaders,
        fetcher: plan.fetcher,
        stop: halt.stop,
        signal: halt.cancel,
        onRecord: recorded,
        onState: (now) => (state = now),
        onBefore: (done) => (before = done),
        onNotice: notice,
      }),
    );
    return { stats, wallMs: performance.now() - startedAt, end, outputFailure: undefined };
  } catch (error) {
    // Before the first record, the file could not be opened: that ends the command as it does without a queue.
    if (!(error instanceof OutputError) || stats.count === 0) throw error;
    const end = { total: intake.taken, before: { done: before, notOk: 0 }, left: intake.taken - before - stats.count };
    return { stats, wallMs: performance.now() - startedAt, end, outputFailure: error };
  } finally {
    display.end();
  }

  function notice(message: string): void {
    if (!plan.isQuiet) say(message);
  }
}

/** Gives each URL of a list its line; with several lists, its list too. */
async function* listed(intake: Intake): AsyncGenerator<ListedInput, void, undefined> {
  let number = 0;
  for await (const input of intake) {
    const { line, source } = intake.entryOf(number);
    number += 1;
    if (typeof input !== 'string' || line === undefined) yield { input };
    else yield source === undefined ? { input, line } : { input: { url: input, line, source } };
  }
}

function loadOf(state: CoordinatorState | undefined, unfinished: number): FetcherLoad {
  const { inFlight, concurrency, paused } = state ?? { inFlight: 0, concurrency: 0, paused: [] };
  const now = performance.now();
  return {
    inFlight,
    concurrency,
    maxConcurrency: concurrency,
    atOnce: [],
    waiting: Math.max(0, unfinished - inFlight),
    waitingFor: noWaits(),
    backingOff: 0,
    unread: 0,
    held: [],
    paced: [],
    waitedFor: [],
    networkAskAt: undefined,
    paused: paused.map(({ key, ms }) => ({ host: key, until: now + ms })),
    oldest: [],
  };
}

/** Headers and keys travel with the run. */
function warnAboutSecrets({ fetcher, isQuiet, literalHeaders, lists }: FetchPlan): void {
  const headers = [...(fetcher.headers as Iterable<readonly [string, string]>), ...literalHeaders];
  const hasIdentity = (fetcher.auth ?? fetcher.tls?.key) !== undefined || hasPassword(fetcher.proxy);
  const names = [...headers.map(([name]) => name), ...Object.keys(lists.read.headerTemplates ?? {})];
  if (isQuiet || (!names.some(isSecretHeader) && !hasIdentity)) return;
  say(
    'NOTE: the queue stores the headers, logins and client keys of the run until it ends: use a server that only you can read',
  );
}

function hasPassword(proxy: FetcherOptions['proxy']): boolean {
  const url = typeof proxy === 'object' ? proxy.url : proxy;
  return typeof url === 'string' && url.includes('@');
}
