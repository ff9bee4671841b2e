import type { FsyncPolicy } from '../../src/journal/appender.ts';
import type { Concurrency, FetcherOptions } from '../../src/fetcher/options.ts';
import type { Environment } from '../../src/transports/connect/proxy/environment.ts';
import type { ErrorBudget } from './stop/error-budget.ts';
import { wordsOf } from '../flags/flag-table.ts';
import { readValue, type Flags } from '../flags/flags.ts';
import { fetchFlags, type FetchFlag } from './fetch-flags.ts';
import { readKeepPlan, type KeepPlan } from './keep/keep-plan.ts';
import { readNetwork, trust } from './network/network-options.ts';
import { readFormat, type FormatName } from '../rows/format-name.ts';
import { isTerminalOutput } from '../rows/is-terminal-output.ts';
import { withoutUndefined } from '../flags/given.ts';
import { isSendable, readHeaders, type Header } from '../flags/header.ts';
import { expectedWords, readExpect } from './expect-plan.ts';
import type { Expected } from '../../src/outputs/formats/reason.ts';
import type { OutcomeName } from '../rows/outcome.ts';
import { readIdentity } from './identity-plan.ts';
import { hasPlaceholder, readListPlan, type ListPlan } from './list-plan.ts';
import { readQueuePlan, type QueuePlan } from './queue/queue-plan.ts';
import { refusePlaceholders } from './refuse-placeholders.ts';
import { readBody } from '../flags/read-file.ts';
import { readTls } from '../flags/tls.ts';
import * as unit from '../flags/units.ts';
import { UsageError } from '../flags/usage-error.ts';

type Mode = keyof typeof fetchFlags.mode.words;

/** The parsed command line of `fetchmany fetch`. */
export interface FetchPlan {
  readonly urls: readonly string[];
  readonly lists: ListPlan;
  readonly mode: Mode;
  /** Minimum milliseconds between two request starts in mode `sequential`. */
  readonly intervalMs: number | undefined;
  /** Milliseconds that the whole run may take. */
  readonly deadlineMs: number | undefined;
  /** Errors that stop the run once they are exceeded. */
  readonly maxErrors: ErrorBudget | undefined;
  readonly fetcher: FetcherOptions;
  /** The values of `-d`. */
  readonly data: readonly string[];
  /** Method and body of every request, unless it is a plain GET. */
  readonly request: { readonly method?: string; readonly body?: Uint8Array } | undefined;
  /** Headers with braces, which are filled in for the entries of a list. The URL arguments get them as they are. */
  readonly literalHeaders: readonly (readonly [name: string, value: string])[];
  readonly format: FormatName;
  readonly output: string | undefined;
  /** The outcomes whose records are written; all if it is empty. */
  readonly only: readonly OutcomeName[];
  /** The file of a JUnit report. */
  readonly junit: string | undefined;
  /** The expectations, as messages name them. */
  readonly expected: Expected;
  readonly overwrite: boolean;
  /** Continues the run that the output file records. */
  readonly resume: boolean;
  /** With `resume`: fetches URLs again whose record is not ok. */
  readonly retryFailed: boolean;
  readonly fsync: FsyncPolicy;
  /** Writes a cancelled record for each request that a stopped run never started. */
  readonly recordUnstarted: boolean;
  readonly includeHeaders: boolean;
  /** The file of the cookies that are kept during the run. */
  readonly cookieJar: string | undefined;
  /** How bodies are kept; undefined if they are only counted. */
  readonly keep: KeepPlan | undefined;
  /** The queue whose workers make the requests; undefined if this process makes them. */
  readonly queue: QueuePlan | undefined;
  readonly progress: 'auto' | 'plain' | 'none';
  /** The format of the summary at the end. */
  readonly summary: 'text' | 'json' | 'none';
  readonly isQuiet: boolean;
  readonly isVerbose: boolean;
  readonly mayColor: boolean;
}

/**
 * Reads the flags of `fetchmany fetch`, and the network settings of the environment. Throws a {@link UsageError}, or an
 * `InputError` for a flag's file.
 */
export function readPlan(flags: FetchFlags, env: Environment = process.env): FetchPlan {
  refuseContradictions(flags);
  const { words: urls } = flags;
  refusePlaceholders({
    data: [...flags.all('data'), ...flags.all('body-template')],
    headers: flags.all('header'),
    secrets: (['user', 'bearer', 'cookie'] as const).map((name) => [name, flags.all(name)] as const),
    urls: [...urls, ...flags.all('proxy'), ...flags.all('queue')],
  });
  const mode = flags.read('mode', modes) ?? fetchFlags.mode.byDefault;
  const intervalMs = flags.read('delay', unit.duration('500ms'));
  if (intervalMs !== undefined && mode !== 'sequential') {
    throw new UsageError('--delay works only with --mode sequential; in other modes, use --rate, such as --rate 2/s');
  }
  const output = flags.read('output', unit.name('results.jsonl'));
  const format = readFormat(flags, output) ?? (isTerminalOutput(output) ? 'table' : 'text');
  refuseOtherExtension(flags, output);
  const includeHeaders = flags.has('include-headers');
  if (includeHeaders && format !== 'jsonl' && format !== 'json') {
    throw new UsageError(`--include-headers needs --format jsonl or json: got --format ${format}`);
  }
  const only = flags
    .all('only')
    .flatMap((list) => list.split(',').map((text) => readValue('--only', text.trim(), outcomes)));
  if (only.length > 0 && flags.has('resume'))
    throw new UsageError(
      '--only and --resume cannot be combined: the file of a run that is continued needs every record',
    );
  requireRecords(flags, { format, output, only });
  const headers = allHeaders(flags);
  return {
    urls,
    lists: readListPlan(flags, headers),
    mode,
    intervalMs,
    deadlineMs: flags.read('deadline', unit.timeLimit('10m')),
    maxErrors: flags.read('max-errors', unit.errors),
    fetcher: readFetcherOptions(
      flags,
      headers.filter(([, value]) => !hasPlaceholder(value)),
      env,
    ),
    literalHeaders: headers.filter(([, value]) => hasPlaceholder(value)),
    data: flags.all('data'),
    request: readRequest(flags),
    format,
    output,
    only,
    junit: readJunit(flags, output),
    expected: expectedWords(readExpect(flags)),
    overwrite: flags.has('overwrite'),
    resume: flags.has('resume'),
    retryFailed: flags.has('retry-failed'),
    fsync: flags.read('fsync', fsyncPolicies) ?? fetchFlags.fsync.byDefault,
    recordUnstarted: flags.has('record-unstarted'),
    includeHeaders,
    cookieJar: flags.read('cookie-jar', unit.name('cookies.txt')),
    keep: readKeepPlan(flags, format),
    queue: readQueuePlan(flags, isResumable({ format, output, only })),
    progress: readProgress(flags),
    // An explicit --summary overrides -q.
    summary: flags.read('summary', summaries) ?? (flags.has('quiet') ? 'none' : fetchFlags.summary.byDefault),
    isQuiet: flags.has('quiet'),
    isVerbose: flags.has('verbose'),
    mayColor: !flags.has('no-color'),
  };
}

/** Tells whether a run writes JSON Lines to a file, which a later run can resume. */
export function isResumable(plan: Pick<FetchPlan, 'format' | 'output' | 'only'>): boolean {
  return plan.format === 'jsonl' && plan.only.length === 0 && plan.output !== undefined && plan.output !== '-';
}

type FetchFlags = Flags<FetchFlag>;

const outcomes = unit.oneOf(wordsOf(fetchFlags.only), 'not-ok');

function readJunit(flags: FetchFlags, output: string | undefined): string | undefined {
  const junit = flags.read('junit', unit.name('junit.xml'));
  if (junit !== undefined && (junit === '-' || junit === output))
    throw new UsageError('--junit needs a file of its own, such as --junit junit.xml');
  return junit;
}

const modes = unit.oneOf(wordsOf(fetchFlags.mode), 'gather');
const fsyncPolicies = unit.oneOf(wordsOf(fetchFlags.fsync), 'second');

const progresses = unit.oneOf(wordsOf(fetchFlags.progress), 'plain');
const summaries = unit.oneOf(wordsOf(fetchFlags.summary), 'json');

function readProgress(flags: FetchFlags): FetchPlan['progress'] {
  const progress = flags.read('progress', progresses);
  if (!flags.has('no-progress')) return progress ?? fetchFlags.progress.byDefault;
  if (progress === undefined || progress === 'none') return 'none';
  throw new UsageError(`--no-progress and --progress ${progress} cannot be combined`);
}

function refuseContradictions(flags: FetchFlags): void {
  if (flags.has('resume') && flags.has('overwrite'))
    throw new UsageError(
      '--resume and --overwrite cannot be combined: one keeps the records in the file, the other deletes them',
    );
  if (flags.has('retry-failed') && !flags.has('resume'))
    throw new UsageError('--retry-failed needs --resume: without it, every URL is fetched anyway');
  const lists = [...flags.all('input'), ...flags.all('sitemap')];
  const fromStdin = flags.all('input').includes('-') || flags.words.length + lists.length === 0;
  if (fromStdin && [...flags.all('data'), ...flags.all('body-template')].includes('@-')) {
    throw new UsageError('-d @- reads the body from standard input, so the URLs cannot come from there: use -i FILE');
  }
  const secrets = [...flags.all('header'), ...flags.all('bearer')].filter((text) => text === '@-');
  if (secrets.length > 1 || (fromStdin && secrets.length > 0)) {
    throw new UsageError('@- reads standard input, so nothing else can: use -i FILE for the URLs, and @- once');
  }
}

/** Refuses an output file that looks like one of a body: only records are written there. */
function refuseOtherExtension(flags: FetchFlags, output: string | undefined): void {
  const extension = /[^/\\](\.[a-z][a-z0-9]*)$/i.exec(output ?? '')?.[1]?.toLowerCase() ?? '.txt';
  if (flags.has('format') || flags.has('jsonl') || recordExtensions.has(extension)) return;
  throw new UsageError(
    `-o writes records, and ${extension} is not a format of records: use .jsonl, .json, .csv or .txt, or add --format; --save DIR saves bodies`,
  );
}

const recordExtensions = new Set([
  '.txt',
  '.log',
  '.ndjson',
  '.md',
  ...wordsOf(fetchFlags.format).map((word) => `.${word}`),
]);

/** Refuses flags that need a file of records. */
function requireRecords(flags: FetchFlags, destination: Pick<FetchPlan, 'format' | 'output' | 'only'>): void {
  if (isResumable(destination)) return;
  const flag = (['resume', 'fsync'] as const).find((name) => flags.has(name));
  if (flag !== undefined) throw new UsageError(`--${flag} needs a JSON Lines file: add -o results.jsonl`);
}

function readFetcherOptions(flags: FetchFlags, headers: readonly Header[], env: Environment): FetcherOptions {
  // A large body may take long: what counts is that it keeps arriving.
  const whenSaving = (limit: number): number | undefined =>
    flags.has('save') || flags.has('warc') ? limit : undefined;
  const perHost = withoutUndefined({
    concurrency: flags.read('per-host', unit.concurrency('6')),
    rate: flags.read('host-rate', unit.rate),
  });
  return {
    ...withoutUndefined({
      concurrency: flags.read('concurrency', atOnce),
      rate: flags.read('rate', unit.rate),
      timeoutMs: flags.read('timeout', unit.timeLimit('30s')) ?? whenSaving(Infinity),
      connectTimeoutMs: flags.read('connect-timeout', unit.timeLimit('10s')),
      headersTimeoutMs: flags.read('headers-timeout', unit.timeLimit('20s')) ?? whenSaving(30_000),
      idleTimeoutMs: flags.read('idle-timeout', unit.timeLimit('15s')) ?? whenSaving(30_000),
      urlDeadlineMs: flags.read('url-deadline', unit.timeLimit('2m')),
      maxWaitMs: flags.read('max-wait', unit.duration('60s')),
      hostPatienceMs: flags.read('host-patience', unit.patience('60s')),
      pace: flags.has('no-pace') ? false : undefined,
      robots: flags.has('robots') || undefined,
      maxBodyBytes: flags.read('max-body', unit.size),
      maxRedirects: flags.read('max-redirects', unit.count(0, '10')),
      expect: readExpect(flags),
      readAhead: flags.read('read-ahead', unit.count(0, '20000')),
      http2: flags.has('http2') || undefined,
      addressGuard: flags.has('block-private') || undefined,
    }),
    perHost,
    retry: withoutUndefined({
      retries: flags.read('retries', unit.count(0, '2')),
      methods: flags.read('retry-methods', unit.methods),
      statuses: flags.read('retry-statuses', unit.statuses),
      delayMs: flags.read('retry-delay', unit.duration('1s')),
      maxDelayMs: flags.read('retry-max-delay', unit.duration('10s')),
      budget: flags.has('no-retry-budget') ? false : undefined,
    }),
    headers,
    ...withoutUndefined({ auth: readIdentity(flags) }),
    tls: readTls({
      insecure: flags.has('insecure'),
      cacert: flags.read('cacert', unit.name('ca.pem')),
      cert: flags.read('cert', unit.name('client.pem')),
      key: flags.read('key', unit.name('client.key')),
      ...trust(flags, env),
    }),
    ...readNetwork(flags, env),
    responseBody: 'discard',
  };
}

/** In curl, `-c` names the file that cookies are written to. */
const atOnce: unit.Unit<Concurrency> = {
  ...unit.concurrency('50'),
  hint: (text) => (/[a-z]\.|[/\\]/i.test(text) ? '--cookie-jar FILE keeps cookies' : undefined),
};

function allHeaders(flags: FetchFlags): Header[] {
  const headers = flags.all('header').flatMap(readHeaders);
  const has = (wanted: string): boolean => headers.some(([name]) => name.toLowerCase() === wanted);
  const agent = has('user-agent') ? undefined : flags.read('user-agent', agents);
  if (agent !== undefined) headers.push(['user-agent', agent]);
  if (flags.has('data') && !has('content-type')) headers.push(['content-type', 'application/x-www-form-urlencoded']);
  return headers;
}

const agents: unit.Unit<string> = {
  parse: (text) => (text.trim() !== '' && isSendable(['user-agent', text]) ? text : undefined),
  wanted: 'printable latin-1 text',
  example: '"my-crawler/1.0 (+https://example.com)"',
};

function readRequest(flags: FetchFlags): FetchPlan['request'] {
  const body = readBody(flags.all('data'));
  const method = flags.read('method', unit.method) ?? (body && 'POST');
  return method === undefined ? undefined : withoutUndefined({ method, body });
}
