import type { FetchTools } from './fetch-work.ts';
import { Flight } from './flight.ts';
import type { Lane } from './gate.ts';
import { cancelledResult, invalidResult } from './makers.ts';
import { onAbort } from './on-abort.ts';
import { parseRequest, type RequestInput } from './request.ts';
import type { FetchResult } from './result.ts';

/** Requests that belong to no run: each has its own promise, and all share one queue. */
export class Single {
  readonly #tools: FetchTools;
  readonly #lane: Lane;
  /** What has to be done with a flight's result, by flight. */
  readonly #flights = new Map<Flight, (result: FetchResult) => void>();

  constructor(tools: FetchTools) {
    this.#tools = tools;
    this.#lane = tools.gate.open({ intervalMs: 0, mayStart: () => true, begin: (flight) => void this.#fly(flight) });
  }

  async fetch(input: RequestInput, signal: AbortSignal | undefined, index = 0): Promise<FetchResult> {
    const request = parseRequest(input, this.#tools.headers);
    if ('error' in request) return invalidResult(request, index);
    const flight = new Flight(request, index, this.#lane, performance.now());
    if (signal?.aborted) {
      flight.cancel(signal.reason);
      return cancelledResult(flight);
    }
    const unlisten = signal && onAbort(signal, () => this.#cancel(flight, signal.reason));
    try {
      return await new Promise<FetchResult>((resolve) => {
        this.#flights.set(flight, resolve);
        this.#lane.offer(flight);
        this.#lane.start();
      });
    } finally {
      unlisten?.();
    }
  }

  /** How many have no result yet. */
  get outstanding(): number {
    return this.#flights.size;
  }

  /** Cancels all, and waits for it. */
  async close(reason: unknown): Promise<void> {
    const settled = [...this.#flights].map(([flight, settle]) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#flights.set(flight, (result) => {
        settle(result);
        resolve();
      });
      return promise;
    });
    for (const flight of this.#flights.keys()) this.#cancel(flight, reason);
    await Promise.all(settled);
    this.#lane.close();
  }

  #cancel(flight: Flight, reason: unknown): void {
    const isUnsent = !flight.isSent;
    if (isUnsent) this.#lane.withdraw(flight);
    flight.cancel(reason);
    if (isUnsent) this.#settle(flight, cancelledResult(flight));
  }

  async #fly(flight: Flight): Promise<void> {
    this.#settle(flight, await this.#tools.load(flight));
    this.#lane.leave(flight);
  }

  #settle(flight: Flight, result: FetchResult): void {
    const settle = this.#flights.get(flight);
    this.#flights.delete(flight);
    settle?.(result);
  }
}
