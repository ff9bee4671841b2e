import type { BottleneckShare } from '../../src/scheduling/bottleneck.ts';
import type { FetchErrorCode } from '../../src/http/error.ts';
import type { FetcherOptions } from '../../src/fetcher/options.ts';
import type { Stats } from '../../src/stats/stats.ts';
import type { LimitsGiven } from './watch/bottleneck-words.ts';

/** A finished run, for {@link tipOf}. */
export interface FinishedRun {
  readonly stats: Pick<Stats, 'count' | 'ok' | 'codes' | 'unexpected' | 'responses' | 'failures'>;
  readonly wallMs: number;
  readonly bottlenecks: readonly BottleneckShare[];
  readonly limits: Pick<LimitsGiven, 'concurrency' | 'isElastic' | 'perHost'>;
  /** Number of failures of hosts without a scheme that may serve http only. @default 0 */
  readonly httpsGuesses?: number;
  /** True if the records are in a file that `--resume` can continue. */
  readonly isResumable: boolean;
  readonly isVerbose: boolean;
  /** The options of the fetcher that matter where servers limit. */
  readonly fetcher: Pick<FetcherOptions, 'pace' | 'retry' | 'auth'>;
}

/** Returns what to try next, in one sentence; undefined if there is nothing to say. */
export function tipOf(run: FinishedRun): string | undefined {
  return tipOnRefusals(run) ?? tipOnLogin(run) ?? tipOnFailures(run) ?? tipOnSpeed(run);
}

function tipOnRefusals({ stats, fetcher }: FinishedRun): string | undefined {
  const refused = stats.unexpected.get(429) ?? 0;
  if (refused === 0 || refused < minShareOfFailures * (stats.count - stats.ok)) return undefined;
  if (fetcher.retry?.retries === 0) return 'without --retries 0, requests refused with 429 are retried';
  if (fetcher.pace === false) return 'without --no-pace, the request rate adapts to hosts that answer 429';
  return '--host-rate N/s stays below the limit of a server (429); a longer --max-wait waits until it resets';
}

/** A token may have expired in the middle of the run. */
function tipOnLogin({ stats, fetcher, isResumable }: FinishedRun): string | undefined {
  const refused = stats.unexpected.get(401) ?? 0;
  if (refused === 0 || refused < minShareOfFailures * (stats.count - stats.ok)) return undefined;
  if (fetcher.auth?.bearer === undefined) return undefined;
  const rest = isResumable ? '--resume --retry-failed fetches the rest' : 'run the URLs that were not ok again';
  return `401: renew the token, then ${rest}; --max-errors N stops earlier`;
}

function tipOnFailures({ stats, httpsGuesses = 0, isResumable, isVerbose }: FinishedRun): string | undefined {
  const { codes, count, ok } = stats;
  if (ok === count) return undefined;
  if (httpsGuesses > 0 && httpsGuesses >= minShareOfFailures * (count - ok)) {
    return '--default-scheme http is for hosts without a scheme that serve no https';
  }
  const most = [...codes].sort((one, other) => other[1] - one[1]).find(([code]) => remedies.has(code));
  // A remedy for a handful of many failures would distract from the others.
  if (most !== undefined && most[1] >= minShareOfFailures * (count - ok)) return remedies.get(most[0]);
  if (isResumable) return 'the same command with --resume --retry-failed fetches only the URLs that were not ok';
  if (stats.failures > 0 && !isVerbose) return '-v explains each failure';
  return undefined;
}

const minShareOfFailures = 0.3;

const untrusted = '--cacert FILE trusts the certificates of your own authority';
const remedies: ReadonlyMap<FetchErrorCode, string> = new Map([
  ['RATE_LIMITED', 'a longer --max-wait waits until the limit resets; --resume --retry-failed fetches the rest later'],
  ['TIMEOUT', '--timeout 60s gives slow servers more time'],
  ['CONNECT_TIMEOUT', 'a firewall may drop the packets; --connect-timeout 3s gives up sooner'],
  ['HEADERS_TIMEOUT', 'a longer --headers-timeout gives slow servers more time'],
  ['BODY_TIMEOUT', 'a longer --idle-timeout gives slow servers more time'],
  ['DEADLINE', 'a longer --url-deadline leaves room for retries'],
  ['TLS_UNTRUSTED', untrusted],
  ['TLS_SELF_SIGNED', untrusted],
  ['BODY_TOO_LARGE', '--max-body allows larger bodies'],
  ['REDIRECT_LIMIT', '--max-redirects allows more redirects'],
  ['ADDRESS_BLOCKED', 'without --block-private, private addresses are allowed'],
  ['LOCAL_FDS', 'this machine allows too few open files: raise ulimit -n, or lower -c'],
  ['LOCAL_PORTS', 'this machine ran out of ports: lower -c'],
]);

/** Names the limit of our own that slowed a run down, if a higher one may help. */
function tipOnSpeed({ wallMs, bottlenecks, limits }: FinishedRun): string | undefined {
  const [main] = bottlenecks;
  if (main === undefined || main.share < minShare || wallMs < minWallMs) return undefined;
  if (main.bound === 'hostConcurrency' && !limits.perHost.isElastic) {
    return `--per-host ${2 * limits.perHost.concurrency} may be faster, if the servers allow it; --per-host auto finds a good number for each`;
  }
  if (main.bound === 'concurrency' && !limits.isElastic) return `-c ${2 * limits.concurrency} may be faster`;
  if (main.bound === 'order') return '--mode as-completed does not wait for the order';
  return undefined;
}

const minShare = 0.5;
/** A short run needs no tuning. */
const minWallMs = 5000;
