import { Order, type Call } from '../call/call.ts';
import type { Scheduler } from '../scheduling/scheduler.ts';
import type { RunQueue } from '../scheduling/run-queue.ts';
import { canonicalGet, canonicalOrigin } from '../http/canonical-get.ts';
import { invalidResult, withdrawnResult } from '../call/results.ts';
import type { Run, Work } from '../async/run.ts';
import type { Dispatch } from '../policies/settle.ts';
import { parseRequest, type RequestInput } from '../http/request.ts';
import type { FetchResult } from '../http/result.ts';
import type { BodyBudget } from '../transports/response/body-budget.ts';

/** What the requests of a run are sent with. */
export interface FetchTools {
  readonly scheduler: Scheduler;
  readonly dispatch: Dispatch;
  /** Bounds the bodies in memory. */
  readonly budget: BodyBudget;
  /** Sent with every request: name, value, name, value, ... */
  readonly headers: readonly string[];
}

/** What a pace is decided by. */
interface Situation {
  /** Requests taken from the source and not delivered yet. */
  readonly outstanding: number;
  /** Of these, waiting in our queue. */
  readonly waiting: number;
  /** Of these, holding a slot. */
  readonly active: number;
  /** Results that nobody has read. */
  readonly unread: number;
  /** Whether the consumer waits for one. */
  readonly isAwaited: boolean;
}

/** How far a run goes ahead of its consumer. */
export interface Backpressure {
  /** Whether one more request is read from the source. It may depend on what it said before. */
  wants(now: Situation): boolean;
  /** Whether one more may start, as far as this run goes. */
  mayStart(now: Situation): boolean;
  /** The least time between two starts, in milliseconds. */
  readonly intervalMs: number;
}

/** Many at once; an unread result keeps its place. Requests are read ahead, so that a busy host does not hide the others. */
export function manyAtOnce(concurrency: number, readAhead: number): Backpressure {
  // Read in gulps: one by one, as each is done, would take several times as long. Where few are read ahead the gulps are
  // small, or one busy host would hide the others until nearly all that wait for it have started.
  const low = readAhead - Math.min(maxReadBatch, Math.trunc(readAhead / 64));
  let isReading = true;
  return {
    wants({ waiting, active, unread }) {
      if (unread >= concurrency) return false;
      isReading = waiting < (isReading ? readAhead : low);
      // Without reading ahead, one more is wanted when it could start at once.
      return isReading || (waiting === 0 && active + unread < concurrency);
    },
    mayStart: ({ active, unread }) => active + unread < concurrency,
    intervalMs: 0,
  };
}

const maxReadBatch = 256;

/** One at a time, each when it is asked for. */
export const oneAtATime = (intervalMs: number): Backpressure => ({
  wants: ({ outstanding, isAwaited }) => outstanding === 0 && isAwaited,
  mayStart: () => true,
  intervalMs,
});

/** The requests of one run of a fetcher, as work for the engine: admission says when each may start. */
export function fetchWork(
  run: Run<RequestInput, FetchResult>,
  tools: FetchTools,
  pace: Backpressure,
): Work<RequestInput> {
  const situation: Situation = {
    get outstanding() {
      return run.outstanding;
    },
    get waiting() {
      return queue.waiting;
    },
    get active() {
      return queue.active;
    },
    get unread() {
      return run.results.unread;
    },
    get isAwaited() {
      return run.results.isAwaited;
    },
  };
  const isAwaited = (): boolean => run.results.isAwaited;
  const queue: RunQueue = tools.scheduler.open({
    intervalMs: pace.intervalMs,
    mayStart: () => pace.mayStart(situation) && (tools.budget.hasRoom || (queue.active === 0 && isAwaited())),
    toOrder: (url, host, index, since) =>
      new Order(canonicalGet(url, host, tools.headers), index, since, finish, isAwaited),
    begin: tools.dispatch,
  });
  void run.ended.then(() => queue.close());

  function finish(result: FetchResult, call: Call): void {
    // First delivered, then freed: or for a moment it would count neither as in flight nor as unread.
    run.deliver(result);
    queue.end(call);
    run.pump();
  }

  return {
    wants: () => pace.wants(situation),
    accept(input, index) {
      const host = typeof input === 'string' ? canonicalOrigin(input) : undefined;
      if (host !== undefined) return queue.offerUrl(input as string, host, index);
      const request = parseRequest(input, tools.headers);
      if ('error' in request) return run.deliver(invalidResult(request, index));
      queue.offer(new Order(request, index, performance.now(), finish, isAwaited));
    },
    start() {
      tools.budget.review();
      queue.start();
    },
    takeBack: () => queue.takeUnsent().length,
    cancel(reason) {
      for (const order of queue.takeUnsent()) run.deliver(withdrawnResult(order, reason));
      queue.cancel(reason);
    },
  };
}
