import { describe, expect, test } from 'vitest';
import { Call } from '../../src/call/call.ts';
import { parseRequest, type FetchRequest } from '../../src/http/request.ts';
import { Limits, type LimitsOptions } from '../../src/scheduling/limits.ts';
import { RunQueue } from '../../src/scheduling/run-queue.ts';
import { Scheduler } from '../../src/scheduling/scheduler.ts';
import { ManualClock } from '../helpers/manual-clock.ts';
import { quiet } from '../helpers/process/quiet.ts';

const wide: LimitsOptions = { concurrency: 50, perHost: { concurrency: 6 } };

interface Bench {
  readonly clock: ManualClock;
  readonly scheduler: Scheduler;
  readonly queue: RunQueue;
  readonly started: Call[];
  /** The paths of the calls that have started. */
  readonly paths: () => string;
}

const reject = (call: Call): void => expect.fail(`${call.origin} is down`);

/** A queue whose calls start and do nothing. */
function queueWith(limits: LimitsOptions = wide, intervalMs = 0, clock = new ManualClock()): Bench {
  const scheduler = new Scheduler(new Limits(limits), clock);
  const started: Call[] = [];
  const dispatch = (call: Call): void => void started.push(call);
  const queue = new RunQueue(scheduler, { headers: ['a', 'b'], intervalMs, mayStart: () => true, dispatch, reject });
  return { clock, scheduler, queue, started, paths: () => started.map(({ request }) => request.path).join(' ') };
}

/** Offers URLs of one host as texts. */
function offer(queue: RunQueue, ...paths: string[]): void {
  for (const [index, path] of paths.entries()) queue.offer(`http://a.test${path}`, 'http://a.test', index);
  queue.start();
}

function putRequest(url: string): FetchRequest {
  const parsed = parseRequest({ url, method: 'PUT' }, []);
  if ('error' in parsed) throw parsed.error;
  return parsed;
}

describe('RunQueue', () => {
  test('makes a call of each kind of item that waits', () => {
    const { clock, queue, started } = queueWith();
    queue.offer('http://a.test/text', 'http://a.test', 3);
    queue.offer(putRequest('http://a.test/parsed'), 'http://a.test', 4);
    const call = new Call(putRequest('http://a.test/call'), 5, clock.now(), queue);
    queue.offerCall(call, () => undefined);
    clock.advance(20);
    queue.start();
    expect(started.map(({ index, request: { method, path } }) => [index, method, path])).toEqual([
      [3, 'GET', '/text'],
      [4, 'PUT', '/parsed'],
      [5, 'PUT', '/call'],
    ]);
    expect(started[0]!.request.headers).toEqual(['a', 'b']);
    expect(started[2]).toBe(call);
    expect(started.map((each) => [each.hasStarted, each.queuedMs(clock.now())])).toEqual([
      [true, 20],
      [true, 20],
      [true, 20],
    ]);
  });

  test('starts at the pace of the rate, by one timer', () => {
    const { clock, queue, paths } = queueWith({ ...wide, rate: 10 });
    offer(queue, '/1', '/2', '/3');
    expect([paths(), clock.timers]).toEqual(['/1', 1]);
    clock.advance(99);
    expect(paths()).toBe('/1');
    clock.advance(1);
    expect(paths()).toBe('/1 /2');
    clock.advance(100);
    expect([paths(), clock.timers]).toEqual(['/1 /2 /3', 0]);
  });

  test('keeps its interval between two starts', () => {
    const { clock, queue, paths } = queueWith(wide, 250);
    offer(queue, '/1', '/2');
    clock.advance(249);
    expect(paths()).toBe('/1');
    clock.advance(1);
    expect(paths()).toBe('/1 /2');
  });

  test('starts the next request when a call gives back its slot', () => {
    const { queue, started, paths } = queueWith({ concurrency: 1, perHost: { concurrency: 1 } });
    offer(queue, '/1', '/2');
    expect([paths(), queue.active, queue.waiting]).toEqual(['/1', 1, 1]);
    queue.end(started[0]!);
    expect([paths(), queue.active, queue.waiting]).toEqual(['/1 /2', 1, 0]);
  });

  test('holds back a paused origin until its time', () => {
    const { clock, scheduler, queue, paths } = queueWith();
    scheduler.pause('http://a.test', clock.now() + 5000);
    offer(queue, '/1');
    clock.advance(4999);
    expect(paths()).toBe('');
    clock.advance(1);
    expect(paths()).toBe('/1');
  });

  test('gives a slot back to a call before the requests that have not started', async () => {
    const { queue, started, paths } = queueWith({ concurrency: 1, perHost: { concurrency: 1 } });
    offer(queue, '/1', '/2', '/3');
    const [first] = started as [Call];
    queue.release(first);
    expect(paths()).toBe('/1 /2');
    let holds = false;
    void queue.acquire(first).then(() => (holds = true));
    queue.end(started[1]!);
    await quiet();
    expect([paths(), holds, first.holdsSlot]).toEqual(['/1 /2', true, true]);
  });

  test('does not count the wait for a further slot as time of the call', async () => {
    const { clock, queue, started } = queueWith({ concurrency: 1, perHost: { concurrency: 1 } });
    offer(queue, '/1', '/2');
    const [first] = started as [Call];
    queue.release(first);
    const acquired = queue.acquire(first);
    clock.advance(300);
    expect(first.requeuedMs(clock.now())).toBe(300);
    queue.end(started[1]!);
    await acquired;
    clock.advance(50);
    expect([first.requeuedMs(clock.now()), first.queuedMs(clock.now())]).toEqual([300, 300]);
  });

  test('cancel() rejects a call that waits for a further slot, and its ticket is free again', async () => {
    const { clock, queue, started } = queueWith({ concurrency: 1, perHost: { concurrency: 1 } });
    offer(queue, '/1', '/2');
    const [first] = started as [Call];
    queue.release(first);
    const acquired = queue.acquire(first);
    queue.cancel('enough');
    await expect(acquired).rejects.toBe('enough');
    expect([queue.waiting, clock.timers]).toEqual([0, 0]);
  });

  test('cancels a call before its start without starting it', () => {
    const { clock, queue, paths } = queueWith({ ...wide, rate: 1 });
    offer(queue, '/1');
    const reasons: unknown[] = [];
    const call = new Call(putRequest('http://a.test/2'), 0, clock.now(), queue);
    queue.offerCall(call, (reason) => reasons.push(reason));
    queue.start();
    expect(clock.timers).toBe(1);
    call.cancel('enough');
    call.cancel('again');
    expect([reasons, queue.waiting, clock.timers]).toEqual([['enough'], 0, 0]);
    clock.advance(5000);
    expect(paths()).toBe('/1');
  });

  test('removeUnstarted() returns what has never started, and keeps a retry', async () => {
    const { queue, started, paths } = queueWith({ concurrency: 1, perHost: { concurrency: 1 } });
    offer(queue, '/1', '/2', '/3', '/4');
    const [first] = started as [Call];
    queue.release(first);
    let holds = false;
    void queue.acquire(first).then(() => (holds = true));
    const unstarted = queue.removeUnstarted();
    expect(unstarted.map((call) => [call.request.path, call.hasStarted])).toEqual([
      ['/3', false],
      ['/4', false],
    ]);
    queue.end(started[1]!);
    await quiet();
    expect([paths(), holds, queue.waiting]).toEqual(['/1 /2', true, 0]);
  });
});

describe('Scheduler', () => {
  test('lets the queues take turns at the few free slots', () => {
    const clock = new ManualClock();
    const scheduler = new Scheduler(new Limits({ concurrency: 1, perHost: { concurrency: 1 } }), clock);
    const started: string[] = [];
    const queues = ['a', 'b'].map((name) => {
      const calls: Call[] = [];
      const dispatch = (call: Call): void => {
        started.push(name);
        calls.push(call);
      };
      return {
        calls,
        queue: new RunQueue(scheduler, { headers: [], intervalMs: 0, mayStart: () => true, dispatch, reject }),
      };
    });
    for (const { queue } of queues) offer(queue, '/1', '/2', '/3');
    for (let round = 0; round < 5; round += 1) {
      for (const { calls, queue } of queues) {
        const call = calls.shift();
        if (call) queue.end(call);
      }
    }
    expect(started.join('')).toBe('ababab');
  });

  test('close() clears the timer', () => {
    const { clock, scheduler, queue } = queueWith({ ...wide, rate: 1 });
    offer(queue, '/1', '/2');
    expect(clock.timers).toBe(1);
    scheduler.close();
    expect(clock.timers).toBe(0);
  });

  test('sets a timer again when a pause is longer than a timer can be', () => {
    const { clock, scheduler, queue, paths } = queueWith();
    const days30 = 30 * 24 * 3600 * 1000;
    scheduler.pause('http://a.test', clock.now() + days30);
    offer(queue, '/1');
    clock.advance(days30 - 1);
    expect([paths(), clock.timers]).toEqual(['', 1]);
    clock.advance(1);
    expect(paths()).toBe('/1');
  });
});
