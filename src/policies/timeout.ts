import { FetchError } from '../http/error.ts';
import type { Call } from '../call/call.ts';
import type { Policy } from '../call/send.ts';
import { TimeLimit } from './time-limit.ts';

/**
 * Ends an attempt with `TIMEOUT` after so many milliseconds. Time in our own queue does not count, so an attempt that
 * had to wait there (a redirect to a busy host) gets that time back.
 */
export const timeout = (timeoutMs: number): Policy => {
  const limit = new TimeLimit<Attempt>(timeoutMs, (attempt) => attempt.check(timeoutMs));
  return (send) => (request, call, done) => {
    const attempt = new Attempt(call);
    const started = limit.start(attempt, attempt.startedAt);
    send(request, call, (outcome) => {
      limit.stop(started);
      attempt.over();
      done(outcome);
    });
  };
};

/** One attempt, and what of its time it spent waiting. */
class Attempt {
  readonly startedAt: number = performance.now();
  readonly #call: Call;
  readonly #queuedBefore: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(call: Call) {
    this.#call = call;
    this.#queuedBefore = call.requeuedMs(this.startedAt);
  }

  /** Ends it, unless it has some time left. */
  check(timeoutMs: number): void {
    const now = performance.now();
    const leftMs = timeoutMs - (now - this.startedAt - (this.#call.requeuedMs(now) - this.#queuedBefore));
    if (leftMs >= 1) this.#timer = setTimeout(() => this.check(timeoutMs), leftMs);
    else this.#call.interrupt(new FetchError('TIMEOUT', `No whole response within ${timeoutMs} ms`));
  }

  over(): void {
    clearTimeout(this.#timer);
  }
}
