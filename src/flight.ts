import { FetchError } from './error.ts';
import type { FetchRequest } from './request.ts';

/** Stops what is under way; `reason` says why. */
export type Stop = (reason: unknown) => void;

/** Where a flight has its slot: it can give it back, and ask for one again. */
export interface Slots {
  /** Gives the slot back, if the flight holds one. */
  leave(flight: Flight): void;
  /** Resolves once the flight holds a slot of its host again; rejects with the reason if it is stopped meanwhile. */
  enter(flight: Flight): Promise<void>;
  /** Gives the slot back for one of another host, in the midst of an attempt; resolves and rejects as `enter` does. */
  move(flight: Flight, host: string): Promise<void>;
}

/**
 * One request on its way: what has been measured, and how it can be stopped. A request does one thing at a time
 * (wait, back off, be sent), so one place for "what to call to stop it" is enough, and no AbortController is needed.
 */
export class Flight {
  readonly request: FetchRequest;
  readonly index: number;
  readonly slots: Slots;
  /** Under which host it holds or waits for a slot; a redirect to another origin changes it. */
  host: string;
  holdsSlot = false;
  /** How many times it has been tried. */
  attempts = 0;
  /** Whether a server may have heard of it: then only an idempotent request may be sent anew. */
  hasSpoken = false;
  /** When it was first dispatched, on the monotonic clock, in milliseconds; `Infinity` if it was not yet. */
  startedAt: number = Infinity;
  /** The same by the wall clock. */
  startedDate = 0;
  /** How long it waited in our own queue before that. */
  queuedBeforeStartMs = 0;
  /** When it has to be over, on the monotonic clock. */
  deadlineAt: number = Infinity;
  /** Whether it was cancelled for good, and by what reason. */
  isCancelled = false;
  reason: unknown;
  /** Set while it waits to be admitted once more: goes on with it. */
  readmit: (() => void) | undefined;
  #queuedMs = 0;
  #queuedSince: number;
  #stop: Stop | undefined;

  constructor(request: FetchRequest, index: number, slots: Slots, now: number) {
    this.request = request;
    this.index = index;
    this.slots = slots;
    this.host = request.host;
    this.#queuedSince = now;
  }

  /** It left our queue and holds a slot. */
  admitted(now: number): void {
    this.holdsSlot = true;
    this.#queuedMs += now - this.#queuedSince;
    this.#queuedSince = Infinity;
    if (this.isSent) return;
    this.startedAt = now;
    this.startedDate = Date.now();
    this.queuedBeforeStartMs = this.#queuedMs;
  }

  /** It went back into our queue. */
  queued(now: number): void {
    this.#queuedSince = now;
  }

  /** Whether it was ever dispatched. */
  get isSent(): boolean {
    return this.startedAt < Infinity;
  }

  /** How long it has waited in our own queue, in milliseconds. No time limit but a deadline counts this. */
  queuedMs(now: number): number {
    return this.#queuedMs + Math.max(0, now - this.#queuedSince);
  }

  /** Says how to stop what begins now. If the flight was cancelled meanwhile, it is stopped at once. */
  during(stop: Stop): void {
    if (this.isCancelled) stop(this.reason);
    else this.#stop = stop;
  }

  /** What was under way is over. */
  over(): void {
    this.#stop = undefined;
  }

  /** Stops what is under way. The flight itself goes on: a `FetchError` becomes the failure of what was stopped. */
  interrupt(reason: unknown): void {
    const stop = this.#stop;
    this.#stop = undefined;
    stop?.(reason);
  }

  /** The failure that a stop for this reason comes to; undefined if the flight was cancelled, which is none. */
  failureBy(reason: unknown): FetchError | undefined {
    return reason instanceof FetchError && !this.isCancelled ? reason : undefined;
  }

  /** Stops the flight for good. */
  cancel(reason: unknown): void {
    if (this.isCancelled) return;
    this.isCancelled = true;
    this.reason = reason;
    this.interrupt(reason);
  }
}
