import { systemClock, type Clock } from '../async/clock.ts';
import type { Call } from '../call/call.ts';
import type { Done } from '../call/outcome.ts';
import type { Policy, Send } from '../call/send.ts';
import { FetchError } from '../http/error.ts';
import type { FetchRequest } from '../http/request.ts';
import { formatDuration } from '../text/quantity.ts';
import { TimeLimit } from './time-limit.ts';

/**
 * Fails an attempt with `TIMEOUT` after `timeoutMs` milliseconds. Time in our own queue does not count: an attempt that
 * had to wait there (a redirect to a busy origin) gets that time back. A request may have a limit of its own.
 */
export const timeout = (timeoutMs: number, clock: Clock = systemClock): Policy => {
  const limit = new TimeLimit<Attempt>(timeoutMs, (attempt) => attempt.check(timeoutMs), clock);
  return (send) => (request, call, done) => {
    const ownMs = request.limits?.timeoutMs;
    if (ownMs !== undefined && ownMs !== timeoutMs)
      return sendWithin(ownMs, new Attempt(call, clock), { send, request, call, done });
    if (timeoutMs === Infinity) return send(request, call, done);
    const attempt = new Attempt(call, clock);
    const countdown = limit.start(attempt, attempt.startedAt);
    send(request, call, (outcome) => {
      limit.end(countdown);
      attempt.end();
      done(outcome);
    });
  };
};

interface Sending {
  readonly send: Send;
  readonly request: FetchRequest;
  readonly call: Call;
  readonly done: Done;
}

/** Sends a request with a limit that few others have, and so with a timer of its own. */
function sendWithin(timeoutMs: number, attempt: Attempt, { send, request, call, done }: Sending): void {
  if (timeoutMs === Infinity) return send(request, call, done);
  attempt.check(timeoutMs);
  send(request, call, (outcome) => {
    attempt.end();
    done(outcome);
  });
}

/** One attempt and its time, without its waits in our own queue. */
class Attempt {
  /** Milliseconds on the monotonic clock. */
  readonly startedAt: number;
  readonly #call: Call;
  readonly #clock: Clock;
  readonly #requeuedBeforeMs: number;
  #clearTimer: (() => void) | undefined;

  constructor(call: Call, clock: Clock) {
    this.startedAt = clock.now();
    this.#call = call;
    this.#clock = clock;
    this.#requeuedBeforeMs = call.requeuedMs(this.startedAt);
  }

  /** Interrupts the attempt, or checks again once its time is up. */
  check(timeoutMs: number): void {
    const now = this.#clock.now();
    const requeuedMs = this.#call.requeuedMs(now) - this.#requeuedBeforeMs;
    const leftMs = timeoutMs - (now - this.startedAt - requeuedMs);
    if (leftMs >= 1) this.#clearTimer = this.#clock.setTimer(() => this.check(timeoutMs), leftMs);
    else this.#call.interrupt(new FetchError('TIMEOUT', `No complete response within ${formatDuration(timeoutMs)}`));
  }

  /** Ends the attempt: it is no longer checked. */
  end(): void {
    this.#clearTimer?.();
  }
}
