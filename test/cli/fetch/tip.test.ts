import { expect, test } from 'vitest';
import { tipOf, type FinishedRun } from '../../../cli/fetch/tip.ts';
import type { FetchErrorCode } from '../../../src/http/error.ts';

type Change = Partial<Omit<FinishedRun, 'stats'>> & { readonly codes?: readonly [FetchErrorCode, number][] };

function runOf({ codes = [], ...change }: Change): FinishedRun {
  const failures = codes.reduce((sum, [, times]) => sum + times, 0);
  return {
    stats: { count: 100, ok: 100 - failures, responses: 100 - failures, failures, codes: new Map(codes) },
    wallMs: 60_000,
    bottlenecks: [],
    limits: { concurrency: 50, perHost: { concurrency: 6, rate: Infinity } },
    isResumable: false,
    isVerbose: false,
    ...change,
  };
}

test.each<[change: Change, tip: string | undefined]>([
  [{}, undefined],
  [{ bottlenecks: [{ bound: 'hostConcurrency', share: 0.9 }] }, '--per-host 12 may be faster'],
  [{ bottlenecks: [{ bound: 'concurrency', share: 0.9 }] }, '-c 100 may be faster'],
  [{ bottlenecks: [{ bound: 'order', share: 0.9 }] }, '--mode as-completed'],
  [{ bottlenecks: [{ bound: 'rate', share: 0.9 }] }, undefined],
  [{ bottlenecks: [{ bound: 'concurrency', share: 0.4 }] }, undefined],
  [{ bottlenecks: [{ bound: 'concurrency', share: 0.9 }], wallMs: 3000 }, undefined],
  [
    {
      codes: [
        ['TIMEOUT', 9],
        ['DNS_NOT_FOUND', 3],
      ],
    },
    '--timeout 60s',
  ],
  [
    {
      codes: [
        ['TIMEOUT', 1],
        ['DNS_NOT_FOUND', 9],
      ],
    },
    '-v explains',
  ],
  [
    {
      codes: [
        ['TIMEOUT', 1],
        ['DNS_NOT_FOUND', 9],
      ],
      isVerbose: true,
    },
    undefined,
  ],
  [{ codes: [['DNS_NOT_FOUND', 9]], isResumable: true }, '--resume --retry-failed'],
  [{ codes: [['TLS_SELF_SIGNED', 9]], isResumable: true }, '--cacert FILE'],
  [{ codes: [['LOCAL_FDS', 9]], bottlenecks: [{ bound: 'concurrency', share: 0.9 }] }, 'ulimit -n'],
])('tipOf(%j) is %s', (change, tip) => {
  if (tip === undefined) expect(tipOf(runOf(change))).toBeUndefined();
  else expect(tipOf(runOf(change))).toContain(tip);
});
