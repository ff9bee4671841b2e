import { getEventListeners } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { asCompleted, gather, sequential, type Job } from '../../src/index.ts';
import { watchedAsyncSource, watchedSource } from '../helpers/watched-source.ts';

const complaints: unknown[] = [];
const complain = (complaint: unknown): void => void complaints.push(complaint);

beforeAll(() => {
  process.on('warning', complain);
  process.on('unhandledRejection', complain);
});

afterAll(async () => {
  await turn();
  process.off('warning', complain);
  process.off('unhandledRejection', complain);
  expect(complaints).toEqual([]);
});

/**
 * Time is counted in turns of the event loop; 0 turns are the synchronous part of a job, and half a turn is a
 * microtask.
 */
interface JobPlan {
  readonly turns: number;
  readonly failure: { readonly reason: unknown } | undefined;
  readonly whenAborted: 'goes on' | 'throws the reason' | 'throws its own' | 'fulfils';
}

const jobPlan: fc.Arbitrary<JobPlan> = fc.record({
  turns: fc.constantFrom(0, 0.5, 1, 2, 3, 5),
  failure: fc.option(fc.record({ reason: fc.constantFrom(new Error('no'), undefined, null, 0, '', false, NaN) }), {
    nil: undefined,
    freq: 2,
  }),
  whenAborted: fc.constantFrom('goes on', 'throws the reason', 'throws its own', 'fulfils'),
});

interface SourcePlan {
  readonly isAsync: boolean;
  /** Turns before each value; a generator is also asked at different moments. */
  readonly gap: number;
  /** The position at which the source throws. */
  readonly throwsAt: number | undefined;
}

const sourcePlan: fc.Arbitrary<SourcePlan> = fc.record({
  isAsync: fc.boolean(),
  gap: fc.constantFrom(0, 0, 1, 3),
  throwsAt: fc.option(fc.nat(12), { nil: undefined, freq: 3 }),
});

/** A moment: a number of turns of the event loop, then a number of turns of the microtask queue. */
const moment = fc.record({ turns: fc.nat(8), microtasks: fc.nat(60) });
type Moment = { readonly turns: number; readonly microtasks: number };

const sometimes = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq: 2 });

const concurrency = fc.constantFrom(1, 2, 3, 5, Infinity);
const plans = fc.array(jobPlan, { maxLength: 12 });

type Ending = PromiseSettledResult<number>;

/** The record of a job. */
interface Doing {
  starts: number;
  signal: AbortSignal | undefined;
  /** Set by the job itself as its last step. */
  ending: Ending | undefined;
}

class World {
  readonly doings: Doing[];
  readonly source: ReturnType<typeof watchedSource<Job<number>>> | ReturnType<typeof watchedAsyncSource<Job<number>>>;
  readonly sourceError = new Error('broken source');
  isExhausted = false;
  hasThrown = false;
  running = 0;
  mostRunning = 0;
  /** True if a job was started after it had been cancelled. */
  startedAborted = false;

  constructor(jobs: readonly JobPlan[], { isAsync, gap, throwsAt }: SourcePlan) {
    this.doings = jobs.map(() => ({ starts: 0, signal: undefined, ending: undefined }));
    const values = this.#values(jobs, throwsAt);
    this.source = isAsync ? watchedAsyncSource(values, () => pass(gap)) : watchedSource(values);
  }

  get started(): number {
    return this.doings.filter(({ starts }) => starts > 0).length;
  }

  *#values(jobs: readonly JobPlan[], throwsAt: number | undefined): Generator<Job<number>> {
    for (const [index, plan] of jobs.entries()) {
      if (index === throwsAt) this.#throw();
      yield this.#job(plan, index);
    }
    this.isExhausted = true;
  }

  #throw(): never {
    this.hasThrown = true;
    throw this.sourceError;
  }

  #job(plan: JobPlan, index: number): Job<number> {
    const doing = this.doings[index]!;
    const finish = (ending: Ending): number => {
      this.running -= 1;
      doing.ending = ending;
      if (ending.status === 'fulfilled') return ending.value;
      throw ending.reason;
    };
    const end = (signal: AbortSignal): Ending => {
      if (signal.aborted && plan.whenAborted === 'throws the reason') return rejected(signal.reason);
      if (signal.aborted && plan.whenAborted === 'throws its own') return rejected(new Error('while stopping'));
      return plan.failure ? rejected(plan.failure.reason) : { status: 'fulfilled', value: index * 10 };
    };
    return (signal) => {
      this.startedAborted ||= signal.aborted;
      doing.starts += 1;
      doing.signal = signal;
      this.running += 1;
      this.mostRunning = Math.max(this.mostRunning, this.running);
      if (plan.turns === 0) return finish(end(signal));
      return (async () => {
        for (let left = plan.turns; left > 0; left -= 1) {
          await (left < 1 ? undefined : turn());
          if (signal.aborted && plan.whenAborted !== 'goes on') break;
        }
        return finish(end(signal));
      })();
    };
  }

  /** Aborts at its moment, and checks that every running job gets the reason. */
  async abortAt({ turns, microtasks }: Moment, controller: AbortController, reason: unknown): Promise<void> {
    await pass(turns);
    for (let step = 0; step < microtasks; step += 1) await Promise.resolve();
    const running = this.doings.filter(({ starts, ending }) => starts > 0 && ending === undefined);
    controller.abort(reason);
    for (const { signal } of running) expect(signal!.aborted).toBe(true);
  }

  /** Checks the invariants of every run, however it ended. */
  async checkRest(controller: AbortController, limit: number): Promise<void> {
    expect(this.running).toBe(0);
    expect(this.startedAborted).toBe(false);
    expect(this.mostRunning).toBeLessThanOrEqual(limit);
    const { started } = this;
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    await pass(5);
    expect(this.started).toBe(started);
    for (const { starts } of this.doings) expect(starts).toBeLessThanOrEqual(1);
    const { opened, closed } = this.source;
    expect(opened).toBeLessThanOrEqual(1);
    expect(closed).toBeLessThanOrEqual(1);
    if (opened > 0 && !this.isExhausted && !this.hasThrown) expect(closed).toBe(1);
  }
}

const rejected = (reason: unknown): Ending => ({ status: 'rejected', reason });

async function pass(turns: number): Promise<void> {
  for (let passed = 0; passed < turns; passed += 1) await turn();
}

test('asCompleted() yields one outcome for each job, whatever happens', async () => {
  const consumer = fc.record({
    readers: fc.integer({ min: 1, max: 3 }),
    pause: fc.constantFrom(0, 0, 1, 4),
    leaveAfter: sometimes(fc.nat(8)),
    leaveTwice: fc.boolean(),
    abortAt: sometimes(moment),
  });
  await fc.assert(
    fc.asyncProperty(plans, sourcePlan, concurrency, consumer, async (jobs, plan, limit, behaviour) => {
      const world = new World(jobs, plan);
      const controller = new AbortController();
      const reason = new Error('aborted');
      const results = asCompleted(world.source, { concurrency: limit, signal: controller.signal });
      const seen = new Map<number, Ending>();
      const thrown: unknown[] = [];
      let hasLeft = false;

      const leave = async (): Promise<void> => {
        hasLeft = true;
        const ways = behaviour.leaveTwice ? [results.return!(), results.return!()] : [results[Symbol.asyncDispose]()];
        await Promise.all(ways);
        expect(world.running).toBe(0);
      };
      const read = async (): Promise<void> => {
        for (;;) {
          if (!hasLeft && seen.size === behaviour.leaveAfter) await leave();
          const step = await results.next();
          if (step.done) return;
          const { index, ...ending } = step.value;
          expect(seen.has(index)).toBe(false);
          seen.set(index, ending);
          const doing = world.doings[index]!;
          // The job has settled in exactly this way, or it was cancelled before it could start.
          if (doing.starts > 0) expect(ending).toEqual(doing.ending);
          else expect(ending.status).toBe('rejected');
          expect(world.started - seen.size).toBeLessThanOrEqual(limit + behaviour.readers);
          await pass(behaviour.pause);
        }
      };
      const readers = Array.from({ length: behaviour.readers }, () => read().catch((error) => void thrown.push(error)));
      const aborting = behaviour.abortAt && world.abortAt(behaviour.abortAt, controller, reason);
      await Promise.all(readers);
      if (!controller.signal.aborted) await world.checkRest(controller, limit);
      await aborting;
      await world.checkRest(controller, limit);

      expect(thrown.length).toBeLessThanOrEqual(1);
      for (const error of thrown) expect([reason, world.sourceError]).toContain(error);
      if (hasLeft) return;
      if (thrown.length === 0) expect(seen.size).toBe(jobs.length);
      // A source that was waiting at the end may yield one more value, which is dropped.
      else expect(world.source.pulled - seen.size).toBeOneOf(plan.isAsync ? [0, 1] : [0]);
      for (const [index, { starts }] of world.doings.entries()) if (starts > 0) expect(seen.has(index)).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

test('gather() settles after its jobs: with all values, the first error or the reason', async () => {
  const options = fc.record({ concurrency, returnExceptions: fc.boolean(), abortAt: sometimes(moment) });
  await fc.assert(
    fc.asyncProperty(plans, sourcePlan, options, async (jobs, plan, { abortAt, ...given }) => {
      const world = new World(jobs, plan);
      const controller = new AbortController();
      const { signal } = controller;
      const reason = new Error('aborted');
      const gathered = given.returnExceptions
        ? gather(world.source, { concurrency: given.concurrency, signal, returnExceptions: true })
        : gather(world.source, { concurrency: given.concurrency, signal });
      const aborting = abortAt && world.abortAt(abortAt, controller, reason);
      const [outcome] = await Promise.allSettled([gathered]);
      expect(world.running).toBe(0);
      await aborting;
      await world.checkRest(controller, given.concurrency);

      const endings = world.doings.map(({ ending }) => ending);
      const isOver = endings.every((ending) => ending !== undefined);
      if (outcome.status === 'fulfilled') {
        expect(isOver).toBe(true);
        const values = endings.map((ending) => (ending?.status === 'fulfilled' ? ending.value : NaN));
        expect(outcome.value).toEqual(given.returnExceptions ? endings : values);
        return;
      }
      const failures = endings.flatMap((ending) => (ending?.status === 'rejected' ? [ending.reason as unknown] : []));
      const allowed = [world.sourceError, ...(signal.aborted ? [reason] : [])];
      expect(given.returnExceptions ? allowed : [...allowed, ...failures]).toContainEqual(outcome.reason);
    }),
    { numRuns: 2000 },
  );
});

test('gather() without an abort rejects with the earliest failure', async () => {
  // Within one turn of the event loop the order is undefined.
  const apart = plans.map((jobs) => jobs.filter(({ turns }) => turns >= 1));
  await fc.assert(
    fc.asyncProperty(apart, concurrency, async (jobs, limit) => {
      const world = new World(jobs, { isAsync: false, gap: 0, throwsAt: undefined });
      const failures: unknown[] = [];
      const watched = [...(world.source as Iterable<Job<number>>)].map((job): Job<number> => async (signal) => {
        try {
          return await job(signal);
        } catch (error) {
          failures.push(error);
          throw error;
        }
      });
      const [outcome] = await Promise.allSettled([gather(watched, { concurrency: limit })]);
      if (failures.length === 0) expect(outcome.status).toBe('fulfilled');
      else expect(outcome).toEqual({ status: 'rejected', reason: failures[0] });
      expect(world.running).toBe(0);
    }),
    { numRuns: 500 },
  );
});

test('sequential() runs one job at a time, in order, and ends with the first failure', async () => {
  const consumer = fc.record({
    readers: fc.integer({ min: 1, max: 3 }),
    pause: fc.constantFrom(0, 0, 2),
    leaveAfter: sometimes(fc.nat(8)),
    abortAt: sometimes(moment),
  });
  await fc.assert(
    fc.asyncProperty(plans, sourcePlan, consumer, async (jobs, plan, behaviour) => {
      const world = new World(jobs, plan);
      const controller = new AbortController();
      const reason = new Error('aborted');
      const values = sequential(world.source, { signal: controller.signal });
      const seen: number[] = [];
      const thrown: unknown[] = [];
      let hasLeft = false;
      const read = async (): Promise<void> => {
        for (;;) {
          if (!hasLeft && seen.length === behaviour.leaveAfter) {
            hasLeft = true;
            await values.return!();
            expect(world.running).toBe(0);
          }
          const step = await values.next();
          if (step.done) return;
          seen.push(step.value);
          // No job starts ahead of the readers.
          expect(world.started).toBeLessThanOrEqual(seen.length + behaviour.readers);
          await pass(behaviour.pause);
        }
      };
      const readers = Array.from({ length: behaviour.readers }, () => read().catch((error) => void thrown.push(error)));
      const aborting = behaviour.abortAt && world.abortAt(behaviour.abortAt, controller, reason);
      await Promise.all(readers);
      await aborting;
      await world.checkRest(controller, 1);

      const endings = world.doings.map(({ ending }) => ending);
      const firstFailure = endings.find((ending) => ending?.status === 'rejected');
      expect(seen).toEqual(seen.map((_, index) => index * 10));
      expect(world.started - seen.length).toBeLessThanOrEqual(1);
      expect(thrown.length).toBeLessThanOrEqual(1);
      if (hasLeft) return;
      if (thrown.length === 0) expect(seen).toHaveLength(jobs.length);
      else expect([world.sourceError, reason, firstFailure?.reason]).toContainEqual(thrown[0]);
    }),
    { numRuns: 2000 },
  );
});
