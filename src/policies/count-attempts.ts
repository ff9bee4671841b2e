import type { Policy } from '../send.ts';

/** Counts how many times a request was tried. */
export const countAttempts: Policy = (send) => (request, flight) => {
  flight.attempts += 1;
  return send(request, flight);
};
