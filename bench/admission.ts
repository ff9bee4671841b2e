/** What does it cost that waiting is data? Nanoseconds for one cycle of release, offer and next. */
import { FairQueue } from '../src/scheduling/fair-queue.ts';
import { Limits, type LimitsOptions } from '../src/scheduling/limits.ts';

const cycles = 1_000_000;
const rounds = 5;
const waiting = 100_000;

interface Item {
  readonly host: string;
}

const arrangements: readonly (readonly [name: string, hosts: number, options: LimitsOptions, stepMs: number])[] = [
  ['1 host', 1, { concurrency: 50, perHost: { concurrency: 6 } }, 0.01],
  ['100 hosts', 100, { concurrency: 50, perHost: { concurrency: 6 } }, 0.01],
  ['10,000 hosts', 10_000, { concurrency: 50, perHost: { concurrency: 6 } }, 0.01],
  // Each host may start every 100 ms, and its turn comes sooner: every start is followed by a sleep.
  ['10,000 hosts, host rate', 10_000, { concurrency: 50, perHost: { concurrency: 6, rate: 10 } }, 0.01],
];

console.log(`Node ${process.version}, ${String(waiting)} waiting, best of ${String(rounds)}`);
for (const [name, hosts, options, stepMs] of arrangements) {
  const times = Array.from({ length: rounds }, () => nanosecondsPerCycle(hosts, options, stepMs));
  console.log(
    `${name.padEnd(24)} ${Math.min(...times)
      .toFixed(0)
      .padStart(5)} ns`,
  );
}

function nanosecondsPerCycle(hosts: number, options: LimitsOptions, stepMs: number): number {
  const limits = new Limits(options);
  const fairQueue = new FairQueue<Item>(limits, ({ host }) => host);
  for (let index = 0; index < waiting; index++) fairQueue.offer({ host: `https://host-${String(index % hosts)}.test` });
  const inFlight: Item[] = [];
  let now = 0;
  for (let item = fairQueue.next(now); item !== undefined; item = fairQueue.next(now)) inFlight.push(item);

  const startedAt = process.hrtime.bigint();
  for (let cycle = 0; cycle < cycles; cycle++) {
    now += stepMs;
    const slot = cycle % inFlight.length;
    const done = inFlight[slot] as Item;
    limits.release(done.host, now);
    fairQueue.hostFreed(done.host);
    fairQueue.offer(done);
    let next = fairQueue.next(now);
    if (next === undefined) {
      now = fairQueue.wakeAt;
      next = fairQueue.next(now);
    }
    inFlight[slot] = next as Item;
  }
  return Number(process.hrtime.bigint() - startedAt) / cycles;
}
