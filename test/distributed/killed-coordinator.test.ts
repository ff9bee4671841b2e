import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Broker } from '../../src/distributed/broker.ts';
import { coordinateOn, type CoordinatorEnd } from '../../src/distributed/coordinator.ts';
import { compared, exactlyOne, recordsOf } from '../helpers/distributed/check-records.ts';
import { MemoryQueue, withDeath, type Death } from '../helpers/distributed/memory-queue.ts';
import { temporary } from '../helpers/temporary.ts';

const { path } = temporary('killed-coordinator');

const urls = Array.from({ length: 4000 }, (_, at) =>
  at % 97 === 5 ? `nonsense ${at}` : `http://h${at % 60}.test/${at}`,
);

async function* listed(): AsyncGenerator<{ input: string }> {
  for (const input of urls) yield { input };
}

/** Every fifth request is redirected to a host of another worker. */
function openQueue(): MemoryQueue {
  return new MemoryQueue((index) => (index % 5 === 0 ? 'http://login.test' : undefined));
}

function coordinate(broker: Broker, output: string, signal?: AbortSignal): Promise<CoordinatorEnd> {
  // As little in memory as can be, so that requests are on disk too when it is killed.
  const limits = { supply: { ready: 100, most: 300, ofHost: 100 }, spool: { block: 1000, all: 100_000 } };
  const options = { inputs: listed(), output, start: 'resume', fsync: 'never', ...(signal && { signal }) } as const;
  return coordinateOn(broker, options, limits);
}

/** Runs a coordinator until it is killed at a call, or has called for so long that it will not come to it. */
async function liveUntil(queue: MemoryQueue, output: string, death: Death): Promise<boolean> {
  const kill = new AbortController();
  queue.forgetOwner();
  let isOver = false;
  const last = { method: 'read', number: 400, when: 'before' } as const;
  const outlived = withDeath(queue, last, () => kill.abort());
  const broker = withDeath(outlived, death, () => {
    isOver = true;
    kill.abort();
  });
  await coordinate(broker, output, kill.signal).catch(() => {});
  return isOver;
}

/** What is left of the file after a loss of power: the records that have left the queue, if that was right. */
function losePower(output: string, { trimmed }: MemoryQueue): void {
  if (!existsSync(output)) return;
  const lines = readFileSync(output, 'utf8').split('\n').slice(0, -1);
  const kept = lines.filter((line) => trimmed.has((JSON.parse(line) as { index: number }).index));
  writeFileSync(output, kept.map((line) => `${line}\n`).join(''));
}

/** Calls of a coordinator, in about their order, and which of each. */
const calls: readonly (readonly [method: keyof Broker, numbers: readonly number[]])[] = [
  ['server', [1, 2]],
  ['lock', [1]],
  ['readRun', [1]],
  ['clear', [1]],
  ['writeRun', [1]],
  ['publish', [1, 2]],
  ['outstandingIds', [1]],
  ['readChunks', [1]],
  ['read', [1, 2, 3, 5, 8]],
  ['workers', [1]],
  ['writeFigures', [1]],
  ['trim', [1, 2]],
];
const deaths: readonly Death[] = calls.flatMap(([method, numbers]) =>
  numbers.flatMap((number) => (['before', 'after'] as const).map((when) => ({ method, number, when }))),
);

test.for([
  ['killed', () => {}],
  ['killed by a loss of power', losePower],
] as const)(
  'a coordinator that is %s at any of its calls loses, doubles and repeats nothing',
  { timeout: 240_000 },
  async ([, lose]) => {
    const queue = openQueue();
    const output = path('.jsonl');
    const reached = new Set<string>();
    for (const death of deaths) {
      if (await liveUntil(queue, output, death)) reached.add(death.method);
      lose(output, queue);
    }
    queue.forgetOwner();
    queue.pace = 1000;
    expect((await coordinate(queue, output)).left).toBe(0);
    expect(compared(recordsOf(output), urls)).toEqual(exactlyOne);
    expect(queue.repeated).toEqual([]);
  },
);
