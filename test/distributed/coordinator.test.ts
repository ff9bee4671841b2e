import { existsSync, mkdirSync, readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { coordinateOn, type CoordinatorEnd } from '../../src/distributed/coordinator.ts';
import { OutputError } from '../../src/outputs/files/output-error.ts';
import { compared, exactlyOne, recordsOf } from '../helpers/distributed/check-records.ts';
import { MemoryQueue } from '../helpers/distributed/memory-queue.ts';
import { until } from '../helpers/distributed/runs.ts';
import { temporary } from '../helpers/temporary.ts';

const { path } = temporary('coordinator');
const leaseMs = 300;

const urlsOf = (count: number): string[] => Array.from({ length: count }, (_, at) => `http://h${at % 7}.test/${at}`);

async function* listed(urls: readonly string[]): AsyncGenerator<{ input: string }> {
  for (const input of urls) yield { input };
}

/** Coordinates with as little in memory as can be. */
function coordinate(
  queue: MemoryQueue,
  urls: readonly string[],
  output: string,
  signal: AbortSignal = new AbortController().signal,
  out = 1_000_000,
): Promise<CoordinatorEnd> {
  const limits = { supply: { ready: 100, most: 200, ofHost: 100 }, spool: { block: 1000, all: 100_000 }, out };
  const options = { inputs: listed(urls), output, start: 'resume', fsync: 'never', leaseMs, signal } as const;
  return coordinateOn(queue, options, limits);
}

test('a list that has grown since the coordinator was killed is continued, one lease later', async () => {
  const queue = new MemoryQueue();
  const output = path('.jsonl');
  const kill = new AbortController();
  const killed = coordinate(queue, urlsOf(1000), output, kill.signal);
  await until(async () => queue.made.size > 100);
  kill.abort();
  await killed;
  const before = recordsOf(output).length;
  expect(before).toBeLessThan(1000);
  // Workers of the first run may still be at work on its hosts.
  queue.published.length = 0;
  queue.pace = 1000;
  const startedAt = performance.now();
  const urls = urlsOf(1200);
  const end = await coordinate(queue, urls, output);
  expect(end).toEqual({ total: 1200, before: { done: before, notOk: 0 }, left: 0 });
  expect(queue.published[0]! - startedAt).toBeGreaterThan(leaseMs);
  expect(compared(recordsOf(output), urls)).toEqual(exactlyOne);
});

test('chunks go out until enough requests are out together', async () => {
  const queue = new MemoryQueue();
  queue.pace = 0;
  const output = path('.jsonl');
  const urls = urlsOf(3000);
  const running = coordinate(queue, urls, output, undefined, 400);
  await until(async () => queue.outstanding >= 400);
  // It has read many times since, and could have published.
  const { reads } = queue;
  await until(async () => queue.reads > reads + 100);
  // The last chunk, of ten seconds of one host, may go beyond.
  expect(queue.outstanding).toBeLessThan(400 + 300);
  queue.pace = 1000;
  expect((await running).left).toBe(0);
  expect(compared(recordsOf(output), urls)).toEqual(exactlyOne);
});

test('a spool that somebody cut ends the run with a word, and the next run has the rest', async () => {
  const queue = new MemoryQueue();
  const output = path('.jsonl');
  const urls = urlsOf(3000);
  const running = coordinate(queue, urls, output);
  running.catch(() => {});
  await until(async () => queue.made.size > 0);
  for (const file of readdirSync(`${output}.spool`)) truncateSync(join(`${output}.spool`, file), 10);
  await expect(running).rejects.toThrow(
    new OutputError(
      `${output}.spool`,
      'a file in it was cut or removed by another process; --resume continues the run',
    ),
  );
  expect(existsSync(`${output}.spool`)).toBe(false);
  queue.pace = 1000;
  await coordinate(queue, urls, output);
  expect(compared(recordsOf(output), urls)).toEqual(exactlyOne);
});

test('a coordinator that is refused leaves the spool of the other alone', async () => {
  const output = path('.jsonl');
  const urls = urlsOf(2000);
  const queue = new MemoryQueue();
  const running = coordinate(queue, urls, output);
  await until(async () => queue.made.size > 0);
  await expect(coordinate(new MemoryQueue(), urls, output)).rejects.toThrow(OutputError);
  expect(existsSync(`${output}.spool`)).toBe(true);
  queue.pace = 1000;
  expect((await running).left).toBe(0);
  expect(compared(recordsOf(output), urls)).toEqual(exactlyOne);
});

test('a spool folder that is a file, or has files of somebody else, is left alone', async () => {
  for (const make of [
    (spool: string) => writeFileSync(spool, 'mine'),
    (spool: string) => {
      mkdirSync(spool);
      writeFileSync(join(spool, 'mine.txt'), 'mine');
    },
  ]) {
    const output = path('.jsonl');
    make(`${output}.spool`);
    const before = statSync(`${output}.spool`).ino;
    await expect(coordinate(new MemoryQueue(), urlsOf(10), output)).rejects.toThrow(
      `Cannot write to ${output}.spool: `,
    );
    expect(statSync(`${output}.spool`).ino).toBe(before);
  }
});
