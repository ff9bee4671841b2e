import { FetchError } from '../error.ts';
import type { Policy } from '../send.ts';

/** Ends a request, with all its attempts and what lies between them, so many milliseconds after its first dispatch. */
export const deadline =
  (deadlineMs: number): Policy =>
  (send) =>
  async (request, flight) => {
    flight.deadlineAt = flight.startedAt + deadlineMs;
    const timer = setTimeout(() => flight.interrupt(deadlineError(deadlineMs)), deadlineMs);
    try {
      return await send(request, flight);
    } finally {
      clearTimeout(timer);
    }
  };

/** The error of a request that cannot be done in time. */
export function deadlineError(deadlineMs: number): FetchError {
  return new FetchError('DEADLINE', `Not done within ${Math.round(deadlineMs)} ms, all attempts together`);
}
