import type { FetcherOptions } from '../../src/fetcher/options.ts';
import { readFlags } from '../flags/flags.ts';
import { withoutUndefined } from '../flags/given.ts';
import { readHeader } from '../flags/header.ts';
import { readTls } from '../flags/tls.ts';
import * as unit from '../flags/units.ts';
import { UsageError } from '../flags/usage-error.ts';
import { benchFlags } from './bench-flags.ts';

/** What `fetchmany bench` was asked to do. */
export interface BenchPlan {
  readonly urls: readonly string[];
  readonly inputs: readonly string[];
  /** How many requests are in flight at once: ascending, each once, and 1 is always the first. */
  readonly levels: readonly number[];
  /** How many rounds count. */
  readonly rounds: number;
  /** How many requests each level makes in a round. */
  readonly requests: number;
  /** In flight at once to one host; undefined: as many as the level allows. */
  readonly perHost: number | undefined;
  /** All that is the same at every level. */
  readonly fetcher: FetcherOptions;
  readonly isJson: boolean;
  /** Where the page goes, if there is to be one. */
  readonly html: string | undefined;
  readonly overwrite: boolean;
  readonly isQuiet: boolean;
}

/** Reads the command line of `fetchmany bench`. Throws a {@link UsageError}, or an `InputError` for a file it names. */
export function readBenchPlan(argv: readonly string[]): BenchPlan | 'help' {
  const flags = readFlags(argv, benchFlags);
  if (flags.has('help')) return 'help';
  const levels = withSequential(flags.read('levels', levelList) ?? levelList.parse(benchFlags.levels.byDefault)!);
  const highest = levels.at(-1)!;
  const requests = flags.read('requests', unit.count(1, '96')) ?? Math.max(minRequests, wavesAtLeast * highest);
  if (requests < highest) {
    throw new UsageError(
      `--requests must be at least the highest level, or that level is never reached, such as --requests ${wavesAtLeast * highest}: got ${requests} for level ${highest}`,
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
      // A request that is sent again would hide that its level was too high.
      retry: { retries: 0 },
      responseBody: 'discard',
    },
    isJson: flags.has('json'),
    html: flags.read('html', unit.name('bench.html')),
    overwrite: flags.has('overwrite'),
    isQuiet: flags.has('quiet'),
  };
}

/** Three full waves of the highest default level, so that no level ends with a half-empty one. */
const minRequests = 96;
const wavesAtLeast = 2;

const levelList: unit.Unit<readonly number[]> = {
  parse(text) {
    const levels = text.split(',').map((part) => unit.count(1, '8').parse(part.trim()));
    return levels.includes(undefined) ? undefined : (levels as number[]);
  },
  wanted: 'a list of whole numbers of at least 1',
  example: '1,8,32',
};

/** One at a time is what everything else is measured against. */
function withSequential(levels: readonly number[]): number[] {
  return [...new Set([1, ...levels])].sort((one, other) => one - other);
}
