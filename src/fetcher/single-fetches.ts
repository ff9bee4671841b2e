import { onAbort } from '../async/on-abort.ts';
import { Call } from '../call/call.ts';
import { cancelledResult, invalidResult, rejectedResult } from '../call/results.ts';
import { captureContext } from '../call/telemetry.ts';
import type { BodyReceiver } from '../http/body-writer.ts';
import { parseRequest, plainRequest, type RequestInput } from '../http/request.ts';
import type { FetchResult } from '../http/result.ts';
import { RunQueue } from '../scheduling/run-queue.ts';
import type { FetchTools } from './fetch-run.ts';

/**
 * The requests of `fetch()` and `wait()`, which belong to no run: each has its own promise, and all share one queue.
 */
export class SingleFetches {
  readonly #headers: readonly string[];
  readonly #queue: RunQueue;
  readonly #calls = new Map<Call, Promise<FetchResult>>();

  /** @param asksRobots false for requests that no robots.txt is asked about */
  constructor({ scheduler, dispatch, headers }: FetchTools, asksRobots = true) {
    this.#headers = headers;
    this.#queue = new RunQueue(scheduler, {
      headers,
      intervalMs: 0,
      asksRobots,
      mayStart: () => true,
      dispatch,
      reject: (call, error) => call.onResult(rejectedResult(call, error), call),
    });
  }

  /** Sends a request and resolves with its result. */
  async fetch(
    input: RequestInput,
    signal: AbortSignal | undefined,
    index = 0,
    receiver?: BodyReceiver,
  ): Promise<FetchResult> {
    const parsed = parseRequest(input, this.#headers);
    if ('error' in parsed) return invalidResult(parsed, index);
    const request = receiver ? { ...plainRequest(parsed), receiver } : parsed;
    const call = new Call(request, index, this.#queue.clock.now(), this.#queue);
    if (signal?.aborted) return cancelledResult(call, signal.reason);
    call.context = captureContext();
    const unlisten = signal && onAbort(signal, () => call.cancel(signal.reason));
    const result = this.#send(call);
    this.#calls.set(call, result);
    this.#queue.start();
    try {
      return await result;
    } finally {
      this.#calls.delete(call);
      unlisten?.();
    }
  }

  /** Requests that have no result yet. */
  get outstanding(): number {
    return this.#calls.size;
  }

  /** Cancels every request, and resolves once each has its result. */
  async close(reason: unknown): Promise<void> {
    const results = [...this.#calls.values()];
    for (const call of this.#calls.keys()) call.cancel(reason);
    await Promise.all(results);
    this.#queue.close();
  }

  #send(call: Call): Promise<FetchResult> {
    return new Promise((resolve) => {
      call.onResult = (result) => {
        resolve(result);
        this.#queue.end(call);
      };
      this.#queue.offerCall(call, (reason) => resolve(cancelledResult(call, reason)));
    });
  }
}
