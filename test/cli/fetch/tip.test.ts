import { expect, test } from 'vitest';
import { tipOf, type FinishedRun } from '../../../cli/fetch/tip.ts';
import type { FetchErrorCode } from '../../../src/http/error.ts';

type Change = Partial<Omit<FinishedRun, 'stats'>> & {
  readonly codes?: readonly [FetchErrorCode, number][];
  readonly refused?: number;
  /** Answers with 401. */
  readonly unauthorized?: number;
};

function runOf({ codes = [], refused = 0, unauthorized = 0, ...change }: Change): FinishedRun {
  const failures = codes.reduce((sum, [, times]) => sum + times, 0);
  return {
    stats: {
      count: 100,
      ok: 100 - failures - refused - unauthorized,
      responses: 100 - failures,
      failures,
      codes: new Map(codes),
      unexpected: new Map([
        [429, refused],
        [401, unauthorized],
      ]),
    },
    wallMs: 60_000,
    bottlenecks: [],
    limits: { concurrency: 50, isElastic: false, perHost: { concurrency: 6, isElastic: false, rate: Infinity } },
    isResumable: false,
    isVerbose: false,
    fetcher: {},
    ...change,
  };
}

const learning = {
  concurrency: 1000,
  isElastic: true,
  perHost: { concurrency: 1000, isElastic: true, rate: Infinity },
};

test.each<[change: Change, tip: string | undefined]>([
  [{}, undefined],
  [{ codes: [['CONNECT_TIMEOUT', 9]], httpsGuesses: 5 }, '--default-scheme http'],
  [{ codes: [['CONNECT_TIMEOUT', 9]], httpsGuesses: 1 }, 'a firewall may drop'],
  [{ bottlenecks: [{ bound: 'hostConcurrency', share: 0.9 }] }, '--per-host 12 may be faster'],
  [{ bottlenecks: [{ bound: 'concurrency', share: 0.9 }] }, '-c 100 may be faster'],
  [{ bottlenecks: [{ bound: 'hostConcurrency', share: 0.9 }], limits: learning }, undefined],
  [{ bottlenecks: [{ bound: 'concurrency', share: 0.9 }], limits: learning }, undefined],
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
  [{ codes: [['RATE_LIMITED', 9]], isResumable: true }, '--max-wait'],
  [
    { unauthorized: 9, fetcher: { auth: { bearer: 'x' } }, isResumable: true },
    '401: renew the token, then --resume --retry-failed fetches the rest; --max-errors N stops earlier',
  ],
  [
    { unauthorized: 9, fetcher: { auth: { bearer: 'x' } } },
    'renew the token, then run the URLs that were not ok again',
  ],
  [{ unauthorized: 9, isResumable: true }, 'the same command with --resume --retry-failed'],
  [{ refused: 9 }, '--host-rate N/s'],
  [{ refused: 9, fetcher: { pace: false } }, 'without --no-pace'],
  [{ refused: 9, fetcher: { retry: { retries: 0 } } }, 'without --retries 0'],
  [{ refused: 1, codes: [['TIMEOUT', 9]] }, '--timeout 60s'],
  [{ codes: [['TLS_SELF_SIGNED', 9]], isResumable: true }, '--cacert FILE'],
  [{ codes: [['LOCAL_FDS', 9]], bottlenecks: [{ bound: 'concurrency', share: 0.9 }] }, 'ulimit -n'],
])('tipOf(%j) is %s', (change, tip) => {
  if (tip === undefined) expect(tipOf(runOf(change))).toBeUndefined();
  else expect(tipOf(runOf(change))).toContain(tip);
});
