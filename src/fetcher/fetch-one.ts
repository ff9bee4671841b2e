import type { FetchTools } from './fetch-run.ts';
import { Order, type Flight } from '../call/call.ts';
import type { Lane } from '../scheduling/run-queue.ts';
import { invalidResult, withdrawnResult } from '../call/results.ts';
import { onAbort } from '../async/on-abort.ts';
import { parseRequest, type RequestInput } from '../http/request.ts';
import type { FetchResult } from '../http/result.ts';

/** Requests that belong to no run: each has its own promise, and all share one queue. */
export class Single {
  readonly #tools: FetchTools;
  readonly #lane: Lane;
  readonly #calls = new Set<Call>();

  constructor(tools: FetchTools) {
    this.#tools = tools;
    this.#lane = tools.gate.open({
      intervalMs: 0,
      mayStart: () => true,
      // Each has a promise of its own, and so none waits as a text.
      toOrder: (url) => {
        throw new Error(`Cannot make a call of ${url}`);
      },
      begin(flight) {
        (flight.order as Call).flight = flight;
        tools.load(flight);
      },
    });
  }

  async fetch(input: RequestInput, signal: AbortSignal | undefined, index = 0): Promise<FetchResult> {
    const request = parseRequest(input, this.#tools.headers);
    if ('error' in request) return invalidResult(request, index);
    const call = new Call(request, index, this.#lane);
    if (signal?.aborted) return withdrawnResult(call, signal.reason);
    const unlisten = signal && onAbort(signal, () => call.cancel(signal.reason));
    this.#calls.add(call);
    this.#lane.offer(call);
    this.#lane.start();
    try {
      return await call.result;
    } finally {
      this.#calls.delete(call);
      unlisten?.();
    }
  }

  /** How many have no result yet. */
  get outstanding(): number {
    return this.#calls.size;
  }

  /** Cancels all, and waits for it. */
  async close(reason: unknown): Promise<void> {
    const calls = [...this.#calls];
    for (const call of calls) call.cancel(reason);
    await Promise.all(calls.map(({ result }) => result));
    this.#lane.close();
  }
}

/** An order with a promise of its own. */
class Call extends Order {
  readonly result: Promise<FetchResult>;
  /** Once it has begun. */
  flight: Flight | undefined;
  readonly #lane: Lane;
  readonly #settle: (result: FetchResult) => void;
  #isWithdrawn = false;

  constructor(request: Order['request'], index: number, lane: Lane) {
    const { promise, resolve } = Promise.withResolvers<FetchResult>();
    super(request, index, performance.now(), (result, flight) => {
      resolve(result);
      lane.end(flight);
    });
    this.result = promise;
    this.#settle = resolve;
    this.#lane = lane;
  }

  cancel(reason: unknown): void {
    if (this.flight) return this.flight.cancel(reason);
    if (this.#isWithdrawn) return;
    this.#isWithdrawn = true;
    this.#lane.withdraw(this);
    this.#settle(withdrawnResult(this, reason));
  }
}
