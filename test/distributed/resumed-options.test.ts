import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { compared, exactlyOne, recordsOf } from '../helpers/distributed/check-records.ts';
import { hasRedis } from '../helpers/distributed/redis.ts';
import { openBench, runList, startWorkers, until, urlsOf, type Bench } from '../helpers/distributed/runs.ts';
import { temporary } from '../helpers/temporary.ts';

const { path } = temporary('resumed-options');

/** Options of a run that are told apart by the header that its requests have. */
const withToken = (token: string, perHost: number): object => ({
  headers: { 'x-token': token },
  perHost: { concurrency: perHost },
  retry: { retries: 0 },
});
const first = withToken('first', 2);
const second = { ...withToken('second', 1), expect: { statuses: '500' } };

/** Sites that answer 500, and note the tokens that they were sent. While they hold, they do not answer. */
interface Course {
  readonly bench: Bench;
  readonly urls: readonly string[];
  readonly tokens: string[];
  readonly held: number;
  hold(): void;
  release(): void;
}

async function begin(count: number, hosts: number, delayMs: number): Promise<Course> {
  const held: ServerResponse[] = [];
  let isHeld = false;
  const tokens: string[] = [];
  function answer(response: ServerResponse): void {
    response.writeHead(500).end();
  }
  const bench = await openBench(delayMs, (request: IncomingMessage, response) => {
    tokens.push(request.headers['x-token'] as string);
    if (isHeld) held.push(response);
    else answer(response);
    return true;
  });
  return {
    bench,
    tokens,
    urls: urlsOf(bench.sites, count, hosts),
    get held() {
      return held.length;
    },
    hold: () => (isHeld = true),
    release() {
      isHeld = false;
      for (const response of held.splice(0)) answer(response);
    },
  };
}

describe.skipIf(!hasRedis)('a run that is continued with other options', { timeout: 120_000 }, () => {
  test('has them for all that was not in flight when its coordinator was killed', async () => {
    const { bench, urls, tokens, ...course } = await begin(60, 2, 0);
    const { queue } = bench.redis;
    const output = path('.jsonl');
    course.hold();
    let isTold = false;
    const onNotice = (message: string): void => void (isTold ||= message.includes('other options'));
    startWorkers(1, { queue, onNotice });

    const kill = new AbortController();
    const killed = runList(queue, urls, { output, fetcher: first, signal: kill.signal });
    await until(async () => tokens.length === 4);
    kill.abort();
    await killed;

    const resumed = runList(queue, urls, { output, fetcher: second, start: 'resume' });
    await until(async () => isTold);
    course.release();
    await resumed;
    expect(tokens).toEqual([...Array<string>(4).fill('first'), ...Array<string>(56).fill('second')]);
    const records = recordsOf(output);
    expect(compared(records, urls)).toEqual(exactlyOne);
    expect(records.filter(({ ok }) => ok).length).toBe(56);
  });

  test('has them for all that is handed out after it was stopped', async () => {
    // The worker that has the host hears of the stop long before all is done; the other one may hear of it too late.
    const { bench, urls, tokens } = await begin(1000, 1, 10);
    const { queue } = bench.redis;
    const output = path('.jsonl');
    startWorkers(2, { queue });
    const stop = new AbortController();
    const stopped = runList(queue, urls, {
      output,
      fetcher: first,
      stop: stop.signal,
      onRecord: () => stop.abort(),
    });
    const { left } = await stopped;
    const before = tokens.length;
    expect(left).toBeGreaterThan(0);
    await runList(queue, urls, { output, fetcher: withToken('second', 20), start: 'resume' });
    expect(new Set(tokens.slice(before))).toEqual(new Set(['second']));
    expect(compared(recordsOf(output), urls)).toEqual(exactlyOne);
  });
});
