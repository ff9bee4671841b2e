import { FetchError } from '../http/error.ts';
import type { Entry } from '../collections/linked-list.ts';
import { cancelled, failed, type Done, type Outcome } from './outcome.ts';
import type { FetchRequest } from '../http/request.ts';
import type { FetchResult } from '../http/result.ts';

/** A step of a call that can be stopped. */
export interface Stoppable {
  stop(reason: unknown): void;
}

/** The slots that calls hold while they are in flight. */
export interface Slots {
  /** Gives the call's slot back, if it holds one. */
  leave(call: Call): void;
  /** Resolves once the call holds a slot of its host again. Rejects with the reason if it is stopped first. */
  enter(call: Call): Promise<void>;
  /** Exchanges the slot for one of another host, within an attempt. Resolves and rejects as `enter` does. */
  move(call: Call, host: string): Promise<void>;
}

/** A request that waits in our queue. There may be many, so it is small. */
export class Order {
  readonly request: FetchRequest;
  readonly index: number;
  /** When it was queued, in milliseconds on the monotonic clock. */
  readonly since: number;
  /** Called once with the result. Typed as a property, so that a subclass can pass a closure to the constructor. */
  readonly done: (result: FetchResult, call: Call) => void;

  /** Tells whether its consumer can do nothing but wait for it, or for another of the same run. */
  readonly isAwaited: () => boolean;

  constructor(
    request: FetchRequest,
    index: number,
    since: number,
    done: Order['done'],
    isAwaited: Order['isAwaited'] = always,
  ) {
    this.request = request;
    this.index = index;
    this.since = since;
    this.done = done;
    this.isAwaited = isAwaited;
  }

  get origin(): string {
    return this.request.origin;
  }
}

const always = (): boolean => true;

/**
 * One request in progress: its measurements, and how to stop it. A call takes one step at a time (wait, back off, send), so it
 * keeps just the current step to stop and needs no AbortController.
 */
export class Call {
  readonly order: Order;
  readonly slots: Slots;
  /** The origin whose slot it holds or waits for. A redirect to another origin changes it. */
  origin: string;
  holdsSlot = true;
  /** Attempts so far. */
  attempts = 0;
  /** True once a server may have received it: then only an idempotent request may be sent again. */
  mayHaveReachedServer = false;
  /** When it was first dispatched, in milliseconds on the monotonic clock. */
  readonly startedAt: number;
  /** When it was first dispatched, in milliseconds since the Unix epoch. */
  readonly startedDate: number = Date.now();
  /** Its deadline, in milliseconds on the monotonic clock. */
  deadlineAt: number = Infinity;
  /** True once the caller cancelled it; `reason` is the caller's. */
  isCancelled = false;
  reason: unknown;
  /** Its place among all calls of its queue. */
  entry: Entry<Call> | undefined;
  /** Called once it holds a slot again. Set while it waits for one. */
  onSlot: (() => void) | undefined;
  /** Called once with the final outcome; undefined afterwards. */
  finish: Done | undefined;
  /** Milliseconds spent re-queued since the first dispatch, not counting the wait in progress. */
  #queuedMs = 0;
  #queuedSince: number | undefined;
  #step: Stoppable | undefined;
  /** The reason to stop the next step. */
  #interruption: { readonly reason: unknown } | undefined;

  /** Creates a call that holds a slot. `now` is in milliseconds on the monotonic clock. */
  constructor(order: Order, slots: Slots, now: number) {
    this.order = order;
    this.slots = slots;
    this.origin = order.origin;
    this.startedAt = now;
  }

  get request(): FetchRequest {
    return this.order.request;
  }

  /** Notes that it left our queue again and holds a slot. */
  readmitted(now: number): void {
    this.holdsSlot = true;
    this.#queuedMs = this.requeuedMs(now);
    this.#queuedSince = undefined;
  }

  /** Notes that it went back into our queue. */
  queued(now: number): void {
    this.#queuedSince = now;
  }

  /** Returns the milliseconds spent re-queued since the first dispatch. Of all time limits, only a deadline counts them. */
  requeuedMs(now: number): number {
    return this.#queuedSince === undefined ? this.#queuedMs : this.#queuedMs + now - this.#queuedSince;
  }

  /** Returns the milliseconds spent in our queue, the first wait included. */
  queuedMs(now: number): number {
    return this.startedAt - this.order.since + this.requeuedMs(now);
  }

  /** Begins a step. It is stopped at once if the call was interrupted or cancelled since the last step. */
  begin(step: Stoppable): void {
    const interruption = this.isCancelled ? { reason: this.reason } : this.#interruption;
    this.#interruption = undefined;
    if (interruption) step.stop(interruption.reason);
    else this.#step = step;
  }

  /** Ends the current step. */
  end(): void {
    this.#step = undefined;
  }

  /**
   * Stops the current step or, between two steps, the next one. The call itself goes on: a `FetchError` becomes the failure of
   * the step.
   */
  interrupt(reason: unknown): void {
    const step = this.#step;
    this.#step = undefined;
    if (step) step.stop(reason);
    else this.#interruption = { reason };
  }

  /** Returns the outcome when the current step was stopped for `reason`. */
  outcomeOfStop(reason: unknown, finalUrl?: string): Outcome {
    return reason instanceof FetchError && !this.isCancelled ? failed(reason, finalUrl) : cancelled;
  }

  /** Cancels the call. */
  cancel(reason: unknown): void {
    if (this.isCancelled) return;
    this.isCancelled = true;
    this.reason = reason;
    this.interrupt(reason);
  }

  /** Fails the call with a bug of ours, or of a function we were given. */
  fail(cause: unknown): void {
    if (this.finish === undefined) return crash(cause);
    this.finish(this.outcomeOfBug(cause));
  }

  /** Returns the outcome of such a bug. */
  outcomeOfBug(cause: unknown): Outcome {
    const message = 'A bug in fetchmany, or in a function it was given';
    return this.isCancelled ? cancelled : failed(new FetchError('INTERNAL', message, { cause }));
  }
}

/** Throws a bug that no result can report any more, so that it does not go unseen. */
function crash(cause: unknown): void {
  queueMicrotask(() => {
    throw cause;
  });
}
