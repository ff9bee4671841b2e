import type { FetchTools } from './fetch-run.ts';
import { Order, type Call } from '../call/call.ts';
import type { RunQueue } from '../scheduling/run-queue.ts';
import { invalidResult, withdrawnResult } from '../call/results.ts';
import { onAbort } from '../async/on-abort.ts';
import { parseRequest, type RequestInput } from '../http/request.ts';
import type { FetchResult } from '../http/result.ts';

/** Requests that belong to no run: each has its own promise, and all share one queue. */
export class SingleFetches {
  readonly #tools: FetchTools;
  readonly #queue: RunQueue;
  readonly #calls = new Set<SingleFetch>();

  constructor(tools: FetchTools) {
    this.#tools = tools;
    this.#queue = tools.scheduler.open({
      intervalMs: 0,
      mayStart: () => true,
      // Each has a promise of its own, and so none waits as a text.
      toOrder: (url) => {
        throw new Error(`Cannot make a call of ${url}`);
      },
      begin(call) {
        (call.order as SingleFetch).call = call;
        tools.dispatch(call);
      },
    });
  }

  async fetch(input: RequestInput, signal: AbortSignal | undefined, index = 0): Promise<FetchResult> {
    const request = parseRequest(input, this.#tools.headers);
    if ('error' in request) return invalidResult(request, index);
    const call = new SingleFetch(request, index, this.#queue);
    if (signal?.aborted) return withdrawnResult(call, signal.reason);
    const unlisten = signal && onAbort(signal, () => call.cancel(signal.reason));
    this.#calls.add(call);
    this.#queue.offer(call);
    this.#queue.start();
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
    this.#queue.close();
  }
}

/** An order with a promise of its own. */
class SingleFetch extends Order {
  readonly result: Promise<FetchResult>;
  /** Once it has begun. */
  call: Call | undefined;
  readonly #queue: RunQueue;
  readonly #settle: (result: FetchResult) => void;
  #isWithdrawn = false;

  constructor(request: Order['request'], index: number, queue: RunQueue) {
    const { promise, resolve } = Promise.withResolvers<FetchResult>();
    super(request, index, performance.now(), (result, call) => {
      resolve(result);
      queue.end(call);
    });
    this.result = promise;
    this.#settle = resolve;
    this.#queue = queue;
  }

  cancel(reason: unknown): void {
    if (this.call) return this.call.cancel(reason);
    if (this.#isWithdrawn) return;
    this.#isWithdrawn = true;
    this.#queue.withdraw(this);
    this.#settle(withdrawnResult(this, reason));
  }
}
