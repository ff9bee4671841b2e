import type { FetcherOptions } from '../../src/fetcher/options.ts';
import { readFlags } from '../flags/flags.ts';
import { withoutUndefined } from '../flags/given.ts';
import { readHeader } from '../flags/header.ts';
import { readTls } from '../flags/tls.ts';
import * as unit from '../flags/units.ts';
import { UsageError } from '../flags/usage-error.ts';
import { benchFlags } from './bench-flags.ts';

/** The parsed command line of `fetchmany bench`. */
export interface BenchPlan {
  readonly urls: readonly string[];
  readonly inputs: readonly string[];
  /** Concurrency levels: ascending, without duplicates, starting at 1. */
  readonly levels: readonly number[];
  /** Number of measured rounds. */
  readonly rounds: number;
  /** Number of requests per level and round. */
  readonly requests: number;
  /** Maximum concurrent requests per host; undefined for the level itself. */
  readonly perHost: number | undefined;
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
  const levels = withSequential(flags.read('levels', levelList) ?? levelList.parse(benchFlags.levels.byDefault)!);
  const highest = levels.at(-1)!;
  const requests = flags.read('requests', unit.count(1, '96')) ?? Math.max(minRequests, minWaves * highest);
  if (requests < highest) {
    throw new UsageError(
      `--requests must be at least the highest level (${highest}), such as --requests ${minWaves * highest}: got ${requests}`,
    );
  }
  return {
    urls: flags.words,
    inputs: flags.all('input'),
    levels,
    rounds: flags.read('repeat', unit.count(1, '3')) ?? Number(benchFlags.repeat.byDefault),
    requests,
    perHost: flags.read('per-host', unit.count(1, '6')),
    fetcher: {
      ...withoutUndefined({
        timeoutMs: flags.read('timeout', unit.timeLimit('30s')),
        expect: flags.read('expect', unit.statuses),
        http2: flags.has('http2') || undefined,
      }),
      headers: flags.all('header').map(readHeader),
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
