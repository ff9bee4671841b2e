import { resolveOptions, type FetcherOptions } from '../../src/fetcher/options.ts';
import { readFlags, type Flags } from '../flags/flags.ts';
import { withoutUndefined } from '../flags/given.ts';
import { readHeaders } from '../flags/header.ts';
import { readTls } from '../flags/tls.ts';
import * as unit from '../flags/units.ts';
import { UsageError } from '../flags/usage-error.ts';
import { benchFlags } from './bench-flags.ts';

/** The parsed command line of `fetchmany bench`. */
export interface BenchPlan {
  readonly urls: readonly string[];
  readonly inputs: readonly string[];
  /** True if the list is requested once at each level, without a warm-up. */
  readonly isOnce: boolean;
  /** Concurrency levels: ascending, without duplicates, starting at 1. */
  readonly levels: readonly number[];
  /** Number of measured rounds. */
  readonly rounds: number;
  /** Number of requests per level and round; Infinity for the length of the list, until {@link fitPlan} sets it. */
  readonly requests: number;
  /** Maximum concurrent requests per host; undefined for the level itself, or with `isOnce` the fetcher's default. */
  readonly perHost: number | undefined;
  /** True if the requests may go to other machines without a question. */
  readonly isAllowed: boolean;
  /** Options that are the same at every level. */
  readonly fetcher: FetcherOptions;
  readonly isJson: boolean;
  /** The file for the HTML page; undefined for none. */
  readonly html: string | undefined;
  readonly overwrite: boolean;
  readonly isQuiet: boolean;
}

/** Parses the command line of `fetchmany bench`. Throws a {@link UsageError}, or an `InputError` for a flag's file. */
export function readBenchPlan(argv: readonly string[]): BenchPlan | 'help' {
  const flags = readFlags(argv, benchFlags, 'fetchmany bench');
  if (flags.has('help')) return 'help';
  const isOnce = flags.has('once');
  if (isOnce) requireList(flags);
  const levels = withSequential(flags.read('levels', levelList) ?? (isOnce ? onceLevels : defaultLevels));
  const rounds = flags.read('repeat', unit.count(1, '3')) ?? Number(benchFlags.repeat.byDefault);
  const requests = flags.read('requests', unit.count(1, '96')) ?? Math.max(minRequests, minWaves * levels.at(-1)!);
  return {
    urls: flags.words,
    inputs: flags.all('input'),
    isOnce,
    levels,
    rounds: isOnce ? 1 : rounds,
    requests: isOnce ? Infinity : requests,
    isAllowed: isOnce || flags.has('yes'),
    perHost: flags.read('per-host', unit.count(1, '6')),
    fetcher: {
      ...withoutUndefined({
        timeoutMs: flags.read('timeout', unit.timeLimit('30s')),
        expect: flags.read('expect', unit.statuses),
        http2: flags.has('http2') || undefined,
      }),
      headers: flags.all('header').flatMap(readHeaders),
      tls: readTls({
        insecure: flags.has('insecure'),
        cacert: flags.read('cacert', unit.name('ca.pem')),
        cert: undefined,
        key: undefined,
      }),
      proxy: 'environment',
      // Retries would hide that a level is too high.
      retry: { retries: 0 },
      responseBody: 'discard',
    },
    isJson: flags.has('json'),
    html: flags.read('html', unit.name('bench.html')),
    overwrite: flags.has('overwrite'),
    isQuiet: flags.has('quiet'),
  };
}

/** Fits a plan to its list: sets the number of requests, and no level above it. */
export function fitPlan(plan: BenchPlan, listLength: number): BenchPlan {
  const requests = Math.min(plan.requests, plan.isOnce ? listLength : Infinity);
  if (!plan.isOnce) return { ...plan, requests, levels: plan.levels.filter((level) => level <= requests) };
  // A short list is compared with all of it at once.
  const levels = [...new Set(plan.levels.map((level) => Math.min(level, requests)))];
  return { ...plan, requests, levels };
}

/** Returns the most concurrent requests per host at a level. */
export function perHostOf({ perHost, isOnce }: Pick<BenchPlan, 'perHost' | 'isOnce'>, level: number): number {
  return perHost ?? (isOnce ? defaultPerHost : level);
}

function requireList(flags: Flags<keyof typeof benchFlags>): void {
  if (flags.words.length + flags.all('input').length === 0) {
    throw new UsageError('--once measures your own list: pass URLs, or a list with -i urls.txt');
  }
  const other = (['repeat', 'requests'] as const).find((name) => flags.has(name));
  if (other !== undefined) {
    throw new UsageError(`--once requests each URL of the list once at each level; leave out --${other}`);
  }
}

const defaultPerHost = resolveOptions({}).perHost.concurrency;
const defaultLevels = [1, 8, 32];
const onceLevels = [1, 50];

/** Three full waves at the highest default level (32), so that no default level ends with a partial wave. */
const minRequests = 96;
const minWaves = 2;

const levelList: unit.Unit<readonly number[]> = {
  parse(text) {
    const levels = text.split(',').map((part) => unit.count(1, '8').parse(part.trim()));
    return levels.includes(undefined) ? undefined : (levels as number[]);
  },
  wanted: 'a list of whole numbers of at least 1',
  example: '1,8,32',
};

/** Adds level 1, the baseline of every comparison. */
function withSequential(levels: readonly number[]): number[] {
  return [...new Set([1, ...levels])].sort((one, other) => one - other);
}
