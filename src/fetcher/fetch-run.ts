import type { Run, Work } from '../async/run.ts';
import type { Call } from '../call/call.ts';
import type { Guard } from '../call/guard.ts';
import { cancelledResult, invalidResult, rejectedResult } from '../call/results.ts';
import { captureContext, type RunInContext } from '../call/telemetry.ts';
import { canonicalOrigin } from '../http/canonical-get.ts';
import { ContinuedRequest } from '../http/continued-request.ts';
import { parseAnyRequest, type RequestInput } from '../http/request.ts';
import type { FetchResult } from '../http/result.ts';
import type { Dispatch } from '../policies/settle.ts';
import { RunQueue } from '../scheduling/run-queue.ts';
import type { Scheduler } from '../scheduling/scheduler.ts';
import type { BodyBudget } from '../transports/response/body-budget.ts';
import type { Backpressure } from './backpressure.ts';
import type { RobotsReader } from './robots-reader.ts';

/** The parts of a fetcher that its runs share. */
export interface FetchTools {
  readonly scheduler: Scheduler;
  readonly dispatch: Dispatch;
  /** Reads robots.txt files, if somebody asks. */
  readonly robots?: Pick<RobotsReader, 'review'> | undefined;
  /** Bounds the bodies in memory. */
  readonly budget: BodyBudget;
  /** Headers of every request: name, value, name, value, ... */
  readonly headers: readonly string[];
}

/**
 * The requests of one run as work for the engine. The run owns its queue; the scheduler decides when each request may
 * start.
 */
export class FetchRun implements Work<RequestInput | ContinuedRequest> {
  readonly #run: Run<RequestInput | ContinuedRequest, FetchResult>;
  readonly #tools: FetchTools;
  readonly #backpressure: Backpressure;
  readonly #queue: RunQueue;
  readonly #context: RunInContext | undefined = captureContext();

  constructor(
    run: Run<RequestInput | ContinuedRequest, FetchResult>,
    tools: FetchTools,
    backpressure: Backpressure,
    guard?: Guard,
  ) {
    this.#run = run;
    this.#tools = tools;
    this.#backpressure = backpressure;
    this.#queue = new RunQueue(tools.scheduler, {
      headers: tools.headers,
      intervalMs: backpressure.intervalMs,
      mayStart: () => this.#mayStart(),
      guard,
      dispatch: (call) => this.#dispatch(call),
      reject: (call, error) => run.deliver(rejectedResult(call, error)),
    });
    void run.ended.then(() => this.#close());
  }

  wants(): boolean {
    return this.#backpressure.wants(this.#queue, this.#run);
  }

  /** Calls that hold a slot. */
  get active(): number {
    return this.#queue.active;
  }

  accept(input: RequestInput | ContinuedRequest, index: number): void {
    // A canonical URL waits as its text: it is made a request when it starts.
    const origin = typeof input === 'string' ? canonicalOrigin(input) : undefined;
    if (typeof input === 'string' && origin !== undefined) return this.#queue.offer(input, origin, index);
    const { headers } = this.#tools;
    const request = input instanceof ContinuedRequest ? input.parse(headers) : parseAnyRequest(input, headers);
    if ('error' in request) return this.#run.deliver(invalidResult(request, index));
    this.#queue.offer(request, request.trail?.hop.origin ?? request.origin, index);
  }

  start(): void {
    this.#tools.budget.review();
    this.#queue.start();
  }

  stop(): number {
    const count = this.#queue.removeUnstarted().length;
    this.#tools.robots?.review();
    return count;
  }

  cancel(reason: unknown): void {
    for (const call of this.#queue.removeUnstarted()) this.#run.deliver(cancelledResult(call, reason));
    this.#queue.cancel(reason);
    this.#tools.robots?.review();
  }

  #close(): void {
    this.#queue.close();
    // A host that is given up may still be asked for its robots.txt.
    this.#tools.robots?.review();
  }

  /** Starts nothing that would only wait for memory, unless the consumer waits and nothing else could end its wait. */
  #mayStart(): boolean {
    const { active } = this.#queue;
    const { unread, inHand, isAwaited } = this.#run.results;
    // A result in hand keeps its place, so that its record is written before another request is sent.
    const places = inHand ? unread + 1 : unread;
    return this.#backpressure.mayStart(active, places) && (this.#tools.budget.hasRoom || (active === 0 && isAwaited));
  }

  #dispatch(call: Call): void {
    call.isAwaited = this.#isAwaited;
    call.context = this.#context;
    call.onResult = this.#finish;
    this.#tools.dispatch(call);
  }

  readonly #isAwaited = (): boolean => this.#run.results.isAwaited;

  /**
   * Delivers before the slot is free; otherwise a result would for a moment count neither as in flight nor as unread.
   */
  readonly #finish = (result: FetchResult, call: Call): void => {
    this.#run.deliver(result);
    this.#queue.end(call);
    this.#run.pump();
  };
}
