import type { Bottleneck } from '../../../src/scheduling/bottleneck.ts';
import { formatDuration } from '../../../src/text/quantity.ts';
import { resolveOptions, type ResolvedOptions } from '../../../src/fetcher/options.ts';
import type { FetchPlan } from '../fetch-plan.ts';

/** The limits of a run. */
export type LimitsGiven = Pick<ResolvedOptions, 'concurrency' | 'rate' | 'perHost'> & { readonly intervalMs: number };

/** The limits that a run has, the defaults included. */
export function limitsOf({ fetcher, intervalMs = 0 }: FetchPlan): LimitsGiven {
  const { concurrency, rate, perHost } = resolveOptions(fetcher);
  return { concurrency, rate, perHost, intervalMs };
}

/** What held a run up, as a person at the command line knows it. */
export function bottleneckWords(bound: Bottleneck, { concurrency, rate, perHost, intervalMs }: LimitsGiven): string {
  switch (bound) {
    case 'concurrency':
      return `-c ${concurrency}`;
    case 'hostConcurrency':
      return `--per-host ${perHost.concurrency}`;
    case 'rate':
      return `--rate ${perTime(rate)}`;
    case 'hostRate':
      return `--host-rate ${perTime(perHost.rate)}`;
    case 'interval':
      return `--delay ${formatDuration(intervalMs)}`;
    case 'sequence':
      return '--mode sequential';
    case 'order':
      return '--mode gather (a row that others wait for)';
    case 'pause':
      return 'pauses that servers asked for';
    case 'backOff':
      return 'waits before retries';
    case 'reader':
      return 'the output, which took no more';
    case 'input':
      return 'the list, which came slowly';
    case 'tail':
      return 'the last requests (nothing else was left)';
    case 'shortage':
      return `our own machine, which could not hold -c ${concurrency}`;
    case 'cpu':
      return 'our own CPU';
    case 'blocked':
      return 'the disk, or other programs on this machine';
    default:
      return bound satisfies never;
  }
}

function perTime(perSecond: number): string {
  const [number, unit] =
    perSecond >= 1 ? [perSecond, 's'] : perSecond >= 1 / 60 ? [perSecond * 60, 'm'] : [perSecond * 3600, 'h'];
  return `${Number(number.toFixed(3))}/${unit}`;
}
