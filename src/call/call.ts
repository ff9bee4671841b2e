import type { Clock } from '../async/clock.ts';
import type { Entry } from '../collections/linked-list.ts';
import { FetchError } from '../http/error.ts';
import type { BodyWriter } from '../http/body-writer.ts';
import type { FetchRequest } from '../http/request.ts';
import type { FetchResult } from '../http/result.ts';
import type { Guard } from './guard.ts';
import { cancelled, failed, type Done, type Outcome } from './outcome.ts';
import type { RunInContext, TracedRequest } from './telemetry.ts';

/** A step of a call that can be ended early. */
export interface Stoppable {
  /** Ends the step now. `reason` is a `FetchError` for a limit, or the caller's reason for a cancellation. */
  stop(reason: unknown): void;
}

/** The queue that a call takes its slots from. */
export interface CallQueue {
  readonly clock: Clock;
  /** Decides what may be sent. @default everything */
  readonly guard?: Guard | undefined;
  /** Gives back the slot of a call, if it holds one. */
  release(call: Call): void;
  /**
   * Resolves once the call holds a slot of its origin again; rejects with the reason if it is stopped first. `isLast`
   * puts it behind all that waits for the origin.
   */
  acquire(call: Call, isLast?: boolean): Promise<void>;
  /** Exchanges the slot for one of the target's origin in the middle of an attempt; settles as `acquire` does. */
  move(call: Call, target: FetchRequest): Promise<void>;
}

/**
 * One request with all its attempts: what was measured, and how to stop it. A call takes one step at a time (wait, back
 * off, be sent), so one field for "how to stop it now" is enough, and no AbortController is needed.
 */
export class Call {
  readonly request: FetchRequest;
  /** Position in the input, from 0. */
  readonly index: number;
  /** Milliseconds on the monotonic clock at which the call began to wait for its first slot. */
  readonly queuedAt: number;
  readonly queue: CallQueue;
  /** The request, or the hop of a redirect, that the call waits to send or has sent. */
  target: FetchRequest;
  holdsSlot = false;
  /** Attempts so far. */
  attempts = 0;
  /** Retries that were spent. An attempt that the host's limits or a failing host made necessary is none. */
  retries = 0;
  /** True if the last attempt got a response. */
  isAnswered = false;
  /** The effect of the last attempt on its host, if that decides about the next one. */
  verdict: 'refused' | 'overloaded' | 'held' | undefined;
  /** True once a server may have received the request: only an idempotent one may be sent again then. */
  mayHaveReachedServer = false;
  hasStarted = false;
  /** Milliseconds on the monotonic clock at the first dispatch; 0 before. */
  startedAt = 0;
  /** Milliseconds on the monotonic clock at which the call fails with `DEADLINE`. */
  deadlineAt: number = Infinity;
  /** Steps that were ended early. */
  interruptions = 0;
  /** True once the caller no longer wants the result. */
  isCancelled = false;
  /** The reason for the cancellation. */
  reason: unknown;
  /** Position in the list of started calls of its queue. */
  startedEntry: Entry<Call> | undefined;
  /** Continues a call that waits for a further slot, or fails it; undefined while it does not wait. */
  onSlot: ((error?: FetchError) => void) | undefined;
  /** Called once with the final outcome; undefined before the dispatch and afterwards. */
  finish: Done | undefined;
  /** The context of the caller, if anybody listened to the channels when the call was made. */
  context: RunInContext | undefined;
  /** The call as diagnostics channels publish it; undefined if nobody had subscribed when it started. */
  trace: TracedRequest | undefined;
  /** Takes the body of the present response; replaced by the next attempt's. */
  writer: BodyWriter | undefined;
  /** Tells whether the consumer waits for this result, or for another result of its run. */
  isAwaited: () => boolean = always;
  /** Called once with the result. */
  onResult: (result: FetchResult, call: Call) => void = ignore;
  /** Milliseconds spent re-queued since the first dispatch, not counting the wait in progress. */
  #requeuedMs = 0;
  #requeuedAt: number | undefined;
  #step: Stoppable | undefined;
  /** Set between two steps: the next one is stopped at once. */
  #pendingStop: { readonly reason: unknown } | undefined;

  constructor(request: FetchRequest, index: number, queuedAt: number, queue: CallQueue) {
    this.request = request;
    this.index = index;
    this.queuedAt = queuedAt;
    this.queue = queue;
    this.target = request.trail?.hop ?? request;
  }

  /** The origin whose slot the call holds or waits for. A redirect to another origin changes it. */
  get origin(): string {
    return this.target.origin;
  }

  /** Starts the call: it holds its first slot. */
  start(now: number): void {
    this.hasStarted = true;
    this.holdsSlot = true;
    this.startedAt = now;
  }

  /** Lets go of a body that will not be the result's. */
  abortWriter(reason: unknown): void {
    const { writer } = this;
    this.writer = undefined;
    try {
      writer?.abort(reason);
    } catch {
      // The request has another outcome already.
    }
  }

  /** Notes that the call waits for a further slot. */
  enterQueue(now: number): void {
    this.#requeuedAt = now;
  }

  /** Notes that the call holds a further slot. */
  leaveQueue(now: number): void {
    this.holdsSlot = true;
    this.stopQueueing(now);
  }

  /** Notes that the call no longer waits for a further slot. */
  stopQueueing(now: number): void {
    this.#requeuedMs = this.requeuedMs(now);
    this.#requeuedAt = undefined;
  }

  /** Returns the milliseconds spent in the queue since the first dispatch. Only a deadline counts them. */
  requeuedMs(now: number): number {
    return this.#requeuedAt === undefined ? this.#requeuedMs : this.#requeuedMs + now - this.#requeuedAt;
  }

  /** Returns the milliseconds spent in the queue, the wait for the first slot included. */
  queuedMs(now: number): number {
    return this.hasStarted ? this.startedAt - this.queuedAt + this.requeuedMs(now) : now - this.queuedAt;
  }

  /** Begins a step. If the call was interrupted or cancelled since the last one, the step is stopped at once. */
  begin(step: Stoppable): void {
    const pending = this.isCancelled ? { reason: this.reason } : this.#pendingStop;
    this.#pendingStop = undefined;
    if (pending) step.stop(pending.reason);
    else this.#step = step;
  }

  /** Ends the step in progress: it can no longer be stopped. */
  end(): void {
    this.#step = undefined;
  }

  /**
   * Ends the step in progress or, between two steps, the next one. The call continues: a `FetchError` becomes the
   * failure of the step.
   */
  interrupt(reason: unknown): void {
    this.interruptions += 1;
    const step = this.#step;
    this.#step = undefined;
    if (step) step.stop(reason);
    else this.#pendingStop = { reason };
  }

  /** Returns the outcome of a step that was stopped for `reason`. */
  outcomeOfStop(reason: unknown, finalUrl?: string): Outcome {
    return reason instanceof FetchError && !this.isCancelled ? failed(reason, finalUrl) : cancelled;
  }

  /** Cancels the call. Only the first reason counts. */
  cancel(reason: unknown): void {
    if (this.isCancelled) return;
    this.isCancelled = true;
    this.reason = reason;
    this.interrupt(reason);
  }

  /** Fails the call for a bug of ours (`INTERNAL`) or an exception of a function we were given (`HOOK_FAILED`). */
  fail(cause: unknown): void {
    if (this.finish === undefined) return crash(cause);
    this.finish(this.outcomeOfBug(cause));
  }

  /** Returns the outcome of a call that {@link fail}s. */
  outcomeOfBug(cause: unknown): Outcome {
    if (this.isCancelled) return cancelled;
    if (cause instanceof FetchError) return failed(cause);
    return failed(new FetchError('INTERNAL', 'A bug in fetchmany', { cause }));
  }
}

function always(): boolean {
  return true;
}

function ignore(): void {}

/** Throws an error that no result can carry any more, so that it does not go unseen. */
function crash(cause: unknown): void {
  queueMicrotask(() => {
    throw cause;
  });
}
