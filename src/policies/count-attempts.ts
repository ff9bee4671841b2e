import type { Policy } from '../call/send.ts';

/** Counts how many times a request was tried. */
export const countAttempts: Policy = (send) => (request, flight, done) => {
  flight.attempts += 1;
  send(request, flight, done);
};
