import { FetchError } from '../http/error.ts';
import type { Entry } from '../collections/linked-list.ts';
import { cancelled, failed, type Done, type Outcome } from './outcome.ts';
import type { FetchRequest } from '../http/request.ts';
import type { FetchResult } from '../http/result.ts';

/** Something under way that can be stopped; `reason` says why. */
export interface Stoppable {
  stop(reason: unknown): void;
}

/** Where a flight has its slot: it can give it back, and ask for one again. */
export interface Slots {
  /** Gives the slot back, if the flight holds one. */
  leave(call: Call): void;
  /** Resolves once the flight holds a slot of its host again; rejects with the reason if it is stopped meanwhile. */
  enter(call: Call): Promise<void>;
  /** Gives the slot back for one of another host, in the midst of an attempt; resolves and rejects as `enter` does. */
  move(call: Call, host: string): Promise<void>;
}

/** A request that was asked for and has not been sent yet: all that waits in our queue. Many of them wait, so it is small. */
export class Order {
  readonly request: FetchRequest;
  readonly index: number;
  /** Since when it waits, on the monotonic clock, in milliseconds. */
  readonly since: number;
  /** Is told what became of it in the end. */
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
 * One request on its way: what has been measured, and how it can be stopped. A request does one thing at a time
 * (wait, back off, be sent), so one place for "what to call to stop it" is enough, and no AbortController is needed.
 */
export class Call {
  readonly order: Order;
  readonly slots: Slots;
  /** Under which host it holds or waits for a slot; a redirect to another origin changes it. */
  origin: string;
  holdsSlot = true;
  /** How many times it has been tried. */
  attempts = 0;
  /** Whether a server may have heard of it: then only an idempotent request may be sent anew. */
  mayHaveReachedServer = false;
  /** When it was first dispatched, on the monotonic clock, in milliseconds. */
  readonly startedAt: number;
  /** The same by the wall clock. */
  readonly startedDate: number = Date.now();
  /** When it has to be over, on the monotonic clock. */
  deadlineAt: number = Infinity;
  /** Whether it was cancelled for good, and by what reason. */
  isCancelled = false;
  reason: unknown;
  /** Where it stands among all flights of its lane. */
  entry: Entry<Call> | undefined;
  /** Set while it waits to be admitted once more: goes on with it. */
  onSlot: (() => void) | undefined;
  /** Takes what it comes to in the end; undefined once it has. */
  finish: Done | undefined;
  /** How long it has waited in our queue since its first dispatch, but for the present wait. */
  #queuedMs = 0;
  #queuedSince: number | undefined;
  #underWay: Stoppable | undefined;
  /** Why what comes next is to be stopped. */
  #interruption: { readonly reason: unknown } | undefined;

  /** Begins: it holds a slot from now on. */
  constructor(order: Order, slots: Slots, now: number) {
    this.order = order;
    this.slots = slots;
    this.origin = order.origin;
    this.startedAt = now;
  }

  get request(): FetchRequest {
    return this.order.request;
  }

  /** It left our queue once more and holds a slot. */
  readmitted(now: number): void {
    this.holdsSlot = true;
    this.#queuedMs = this.requeuedMs(now);
    this.#queuedSince = undefined;
  }

  /** It went back into our queue. */
  queued(now: number): void {
    this.#queuedSince = now;
  }

  /** How long it has waited in our queue since its first dispatch, in milliseconds. No time limit but a deadline counts this. */
  requeuedMs(now: number): number {
    return this.#queuedSince === undefined ? this.#queuedMs : this.#queuedMs + now - this.#queuedSince;
  }

  /** How long it has waited in our queue, the first wait included, in milliseconds. */
  queuedMs(now: number): number {
    return this.startedAt - this.order.since + this.requeuedMs(now);
  }

  /** Says what is to be stopped from now on. If the flight was interrupted or cancelled meanwhile, it is stopped at once. */
  begin(underWay: Stoppable): void {
    const interruption = this.isCancelled ? { reason: this.reason } : this.#interruption;
    this.#interruption = undefined;
    if (interruption) underWay.stop(interruption.reason);
    else this.#underWay = underWay;
  }

  /** What was under way is over. */
  end(): void {
    this.#underWay = undefined;
  }

  /**
   * Stops what is under way, or, in the moment between two things, what comes next. The flight itself goes on: a `FetchError`
   * becomes the failure of what was stopped.
   */
  interrupt(reason: unknown): void {
    const underWay = this.#underWay;
    this.#underWay = undefined;
    if (underWay) underWay.stop(reason);
    else this.#interruption = { reason };
  }

  /** What it comes to that something was stopped for this reason. */
  outcomeOfStop(reason: unknown, finalUrl?: string): Outcome {
    return reason instanceof FetchError && !this.isCancelled ? failed(reason, finalUrl) : cancelled;
  }

  /** Stops the flight for good. */
  cancel(reason: unknown): void {
    if (this.isCancelled) return;
    this.isCancelled = true;
    this.reason = reason;
    this.interrupt(reason);
  }

  /** Ends it with a fault that is ours, or that of a function we were given. */
  fail(cause: unknown): void {
    if (this.finish === undefined) return crash(cause);
    this.finish(this.outcomeOfFault(cause));
  }

  /** What it comes to by such a fault. */
  outcomeOfFault(cause: unknown): Outcome {
    const message = 'A fault in fetchmany, or in a function it was given';
    return this.isCancelled ? cancelled : failed(new FetchError('INTERNAL', message, { cause }));
  }
}

/** A fault that no result can tell of any more must not go unseen. */
function crash(cause: unknown): void {
  queueMicrotask(() => {
    throw cause;
  });
}
