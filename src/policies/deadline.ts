import { FetchError } from '../http/error.ts';
import type { Call } from '../call/call.ts';
import type { Policy } from '../call/send.ts';
import { TimeLimit } from './time-limit.ts';

/** Ends a request, with all its attempts and what lies between them, so many milliseconds after its first dispatch. */
export const deadline = (deadlineMs: number): Policy => {
  const limit = new TimeLimit<Call>(deadlineMs, (call) => call.interrupt(deadlineError(deadlineMs)));
  return (send) => (request, call, done) => {
    call.deadlineAt = call.startedAt + deadlineMs;
    const started = limit.start(call, performance.now());
    send(request, call, (outcome) => {
      limit.stop(started);
      done(outcome);
    });
  };
};

/** The error of a request that cannot be done in time. */
export function deadlineError(deadlineMs: number): FetchError {
  return new FetchError('DEADLINE', `Not done within ${Math.round(deadlineMs)} ms, all attempts together`);
}
