// Cost of the queue: nanoseconds for one cycle of release, add, offer, next and take.
import { FairQueue } from '../src/scheduling/fair-queue.ts';
import { Limits, type LimitsOptions } from '../src/scheduling/limits.ts';
import { Waiting } from '../src/scheduling/waiting.ts';

const cycles = 1_000_000;
const rounds = 5;
const waiting = 100_000;

const arrangements: readonly (readonly [name: string, hosts: number, options: LimitsOptions, stepMs: number])[] = [
  ['1 host', 1, { concurrency: 50, perHost: { concurrency: 6 } }, 0.01],
  ['100 hosts', 100, { concurrency: 50, perHost: { concurrency: 6 } }, 0.01],
  ['10,000 hosts', 10_000, { concurrency: 50, perHost: { concurrency: 6 } }, 0.01],
  // A host may start every 100 ms, and its turn comes sooner, so a sleep follows every start.
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
  const tickets = new Waiting();
  const fairQueue = new FairQueue(limits, tickets);
  const offer = (origin: string, index: number): void =>
    fairQueue.offer(tickets.add('https://host.test/', origin, index, 0));
  const take = (ticket: number): string => tickets.take(ticket).origin;
  for (let index = 0; index < waiting; index++) offer(`https://host-${String(index % hosts)}.test`, index);
  const inFlight: string[] = [];
  let now = 0;
  for (let ticket = fairQueue.next(now); ticket !== undefined; ticket = fairQueue.next(now)) {
    inFlight.push(take(ticket));
  }

  const startedAt = process.hrtime.bigint();
  for (let cycle = 0; cycle < cycles; cycle++) {
    now += stepMs;
    const slot = cycle % inFlight.length;
    const origin = inFlight[slot]!;
    limits.release(origin, now);
    fairQueue.originFreed(origin, now);
    offer(origin, cycle);
    let next = fairQueue.next(now);
    if (next === undefined) {
      now = fairQueue.wakeAt;
      next = fairQueue.next(now);
    }
    inFlight[slot] = take(next!);
  }
  return Number(process.hrtime.bigint() - startedAt) / cycles;
}
