import { systemClock, type Clock } from '../async/clock.ts';
import type { Call } from '../call/call.ts';
import type { Policy } from '../call/send.ts';
import { FetchError } from '../http/error.ts';
import { formatDuration } from '../text/quantity.ts';
import { TimeLimit } from './time-limit.ts';

/** Fails a call with `DEADLINE` `deadlineMs` milliseconds after its first dispatch, whatever it is doing then. */
export const deadline = (deadlineMs: number, clock: Clock = systemClock): Policy => {
  const limit = new TimeLimit<Call>(deadlineMs, (call) => call.interrupt(deadlineError(deadlineMs)), clock);
  return (send) => (request, call, done) => {
    call.deadlineAt = call.startedAt + deadlineMs;
    const countdown = limit.start(call, clock.now());
    send(request, call, (outcome) => {
      limit.end(countdown);
      done(outcome);
    });
  };
};

/** Makes the error of a call that cannot be done within `deadlineMs`. */
export function deadlineError(deadlineMs: number): FetchError {
  return new FetchError('DEADLINE', `Not done within ${formatDuration(Math.round(deadlineMs))}, retries included`);
}
