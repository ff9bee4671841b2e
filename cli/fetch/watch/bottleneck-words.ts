import type { Bottleneck } from '../../../src/scheduling/bottleneck.ts';
import { formatDuration } from '../../../src/text/quantity.ts';
import { resolveOptions, type ResolvedOptions } from '../../../src/fetcher/options.ts';
import type { FetchPlan } from '../fetch-plan.ts';

/** The limits of a run. */
export type LimitsGiven = Pick<ResolvedOptions, 'concurrency' | 'isElastic' | 'rate' | 'perHost'> & {
  readonly intervalMs: number;
};

/** Returns the limits of a run, defaults included. */
export function limitsOf({ fetcher, intervalMs = 0 }: FetchPlan): LimitsGiven {
  const { concurrency, isElastic, rate, perHost } = resolveOptions(fetcher);
  return { concurrency, isElastic, rate, perHost, intervalMs };
}

/** Names what limited a run, in the words of the command line. */
export function bottleneckWords(bound: Bottleneck, limits: LimitsGiven): string {
  const { rate, perHost, intervalMs } = limits;
  switch (bound) {
    case 'concurrency':
      return `-c ${asGiven(limits)}`;
    case 'hostConcurrency':
      return `--per-host ${asGiven(perHost)}`;
    case 'rate':
      return `--rate ${perTime(rate)}`;
    case 'hostRate':
      return `--host-rate ${perTime(perHost.rate)}`;
    case 'interval':
      return `--delay ${formatDuration(intervalMs)}`;
    case 'sequence':
      return '--mode sequential';
    case 'order':
      return '--mode gather (rows waiting for an earlier one)';
    case 'hold':
      return 'unresponsive hosts';
    case 'quota':
      return 'rate limits sent by servers';
    case 'pace':
      return 'rates learned from 429s';
    case 'pause':
      return 'Retry-After pauses';
    case 'robots':
      return 'waiting for robots.txt';
    case 'backOff':
      return 'waiting before retries';
    case 'reader':
      return 'slow output';
    case 'input':
      return 'slow input';
    case 'tail':
      return 'waiting for the last requests';
    case 'shortage':
      return `this machine's resources (too few for -c ${asGiven(limits)})`;
    case 'cpu':
      return "this machine's CPU";
    case 'blocked':
      return 'the disk or other programs on this machine';
    default:
      return bound satisfies never;
  }
}

function asGiven({ concurrency, isElastic }: Pick<LimitsGiven, 'concurrency' | 'isElastic'>): string {
  return isElastic ? `auto:${concurrency}` : String(concurrency);
}

function perTime(perSecond: number): string {
  const [number, unit] =
    perSecond >= 1 ? [perSecond, 's'] : perSecond >= 1 / 60 ? [perSecond * 60, 'm'] : [perSecond * 3600, 'h'];
  return `${Number(number.toFixed(3))}/${unit}`;
}
