import { Order, type Flight } from '../call/call.ts';
import type { Gate } from '../scheduling/scheduler.ts';
import type { Lane } from '../scheduling/run-queue.ts';
import { literalGet, literalHost } from '../http/canonical-get.ts';
import { invalidResult, withdrawnResult } from '../call/results.ts';
import type { Run, Work } from '../async/run.ts';
import type { Load } from '../policies/settle.ts';
import { parseRequest, type RequestInput } from '../http/request.ts';
import type { FetchResult } from '../http/result.ts';

/** What the requests of a run are sent with. */
export interface FetchTools {
  readonly gate: Gate;
  readonly load: Load;
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
export interface Pace {
  /** Whether one more request is read from the source. It may depend on what it said before. */
  wants(now: Situation): boolean;
  /** Whether one more may start, as far as this run goes. */
  mayStart(now: Situation): boolean;
  /** The least time between two starts, in milliseconds. */
  readonly intervalMs: number;
}

/** Many at once; an unread result keeps its place. Requests are read ahead, so that a busy host does not hide the others. */
export function manyAtOnce(concurrency: number, readAhead: number): Pace {
  // Read in gulps: one by one, as each is done, would take several times as long. Where few are read ahead the gulps are
  // small, or one busy host would hide the others until nearly all that wait for it have started.
  const low = readAhead - Math.min(largestGulp, Math.trunc(readAhead / 64));
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

const largestGulp = 256;

/** One at a time, each when it is asked for. */
export const oneAtATime = (intervalMs: number): Pace => ({
  wants: ({ outstanding, isAwaited }) => outstanding === 0 && isAwaited,
  mayStart: () => true,
  intervalMs,
});

/** The requests of one run of a fetcher, as work for the engine: admission says when each may start. */
export function fetchWork(run: Run<RequestInput, FetchResult>, tools: FetchTools, pace: Pace): Work<RequestInput> {
  const situation: Situation = {
    get outstanding() {
      return run.outstanding;
    },
    get waiting() {
      return lane.waiting;
    },
    get active() {
      return lane.active;
    },
    get unread() {
      return run.results.unread;
    },
    get isAwaited() {
      return run.results.isAwaited;
    },
  };
  const lane: Lane = tools.gate.open({
    intervalMs: pace.intervalMs,
    mayStart: () => pace.mayStart(situation),
    toOrder: (url, host, index, since) => new Order(literalGet(url, host, tools.headers), index, since, finish),
    begin: tools.load,
  });
  void run.ended.then(() => lane.close());

  function finish(result: FetchResult, flight: Flight): void {
    // First delivered, then freed: or for a moment it would count neither as in flight nor as unread.
    run.deliver(result);
    lane.end(flight);
    run.turn();
  }

  return {
    wants: () => pace.wants(situation),
    accept(input, index) {
      const host = typeof input === 'string' ? literalHost(input) : undefined;
      if (host !== undefined) return lane.offerUrl(input as string, host, index);
      const request = parseRequest(input, tools.headers);
      if ('error' in request) return run.deliver(invalidResult(request, index));
      lane.offer(new Order(request, index, performance.now(), finish));
    },
    start: () => lane.start(),
    takeBack: () => lane.takeUnsent().length,
    cancel(reason) {
      for (const order of lane.takeUnsent()) run.deliver(withdrawnResult(order, reason));
      lane.cancel(reason);
    },
  };
}
