// Measures the cost of each policy: a transport that answers at once, with all policies around it, then with all but
// one.
import { systemClock } from '../src/async/clock.ts';
import { Call, type CallQueue } from '../src/call/call.ts';
import { Scheduler } from '../src/scheduling/scheduler.ts';
import { createFetcherOver } from '../src/fetcher/fetcher.ts';
import { resolveOptions } from '../src/fetcher/options.ts';
import { Limits } from '../src/scheduling/limits.ts';
import { countAttempts } from '../src/policies/count-attempts.ts';
import { deadline } from '../src/policies/deadline.ts';
import { retryOnLocalShortage } from '../src/policies/local-shortage.ts';
import { followRedirects } from '../src/policies/follow-redirects.ts';
import { honorRetryAfter } from '../src/policies/honor-retry-after.ts';
import { observeHosts } from '../src/policies/observe-hosts.ts';
import { defaultRetryRules, retry } from '../src/policies/retry.ts';
import { catchFaults, settle } from '../src/policies/settle.ts';
import { timeout } from '../src/policies/timeout.ts';
import { parseRequest } from '../src/http/request.ts';
import { compose, type Policy, type CallTransport } from '../src/call/send.ts';
import { inFlightLoop } from './in-flight-loop.ts';
import { machine } from './machine.ts';
import { cpuPerRequest, interleave, type Candidate } from './rounds.ts';

const requests = 100_000;
const rounds = 7;
const inFlight = 50;
const url = 'http://host.test/';

const transport: CallTransport = {
  send: (_request, _call, done) =>
    done({
      kind: 'response',
      status: 200,
      headers: { 'content-length': '1024' },
      locations: [],
      body: undefined,
      length: 1024,
      wireLength: 1024,
      complete: 'framed',
      finalUrl: url,
      redirects: 0,
      timings: {},
    }),
  close: () => Promise.resolve(),
};

const scheduler = new Scheduler(new Limits({ concurrency: inFlight, perHost: { concurrency: inFlight } }));
// The order and the defaults of `createFetcher()`, where the deadline is off.
const policies: readonly (readonly [name: string, policy: Policy])[] = [
  ['deadline', deadline(60_000)],
  ['retry', retry(defaultRetryRules, scheduler)],
  ['retryOnLocalShortage', retryOnLocalShortage(scheduler)],
  ['honorRetryAfter', honorRetryAfter(scheduler)],
  ['countAttempts', countAttempts],
  ['timeout', timeout(30_000)],
  ['followRedirects', followRedirects(10)],
  ['observeHosts', observeHosts(scheduler)],
  ['catchFaults', catchFaults],
];

const parsed = parseRequest(url, []);
if ('error' in parsed) throw parsed.error;
const request = parsed;
const noQueue: CallQueue = {
  clock: systemClock,
  release: () => {},
  acquire: () => Promise.resolve(),
  move: () => Promise.resolve(),
};

function chain(name: string, around: readonly Policy[]): Candidate {
  const dispatch = settle(compose(transport.send, around), () => true);
  const one = (): Promise<void> =>
    new Promise((resolve) => {
      const call = new Call(request, 0, 0, noQueue);
      call.start(performance.now());
      call.onResult = () => resolve();
      dispatch(call);
    });
  return { name, run: () => cpuPerRequest(requests, () => inFlightLoop(requests, inFlight, one)) };
}

const whole: Candidate = {
  name: 'asCompleted, every default on',
  async run() {
    const options = resolveOptions({ concurrency: inFlight, perHost: { concurrency: inFlight } });
    await using fetcher = createFetcherOver(transport, options);
    return await cpuPerRequest(requests, async () => {
      for await (const _ of fetcher.asCompleted(Array.from({ length: requests }, () => url)));
    });
  },
};

const rows = await interleave(
  [
    chain(
      'all policies',
      policies.map(([, policy]) => policy),
    ),
    ...policies.map(([name]) =>
      chain(
        `without ${name}`,
        policies.filter(([other]) => other !== name).map(([, policy]) => policy),
      ),
    ),
    chain('none', []),
    whole,
  ],
  rounds,
);
scheduler.close();

console.log(machine('p-retry'));
console.log(`${requests} requests a round, ${inFlight} at once, median of ${rounds} rounds, CPU time per request\n`);
const all = rows[0]!.median;
for (const { name, median } of rows) {
  const cost = name.startsWith('without') ? `   so it costs ${(all - median).toFixed(2).padStart(5)} us` : '';
  console.log(`${name.padEnd(30)} ${median.toFixed(2).padStart(6)} us${cost}`);
}
