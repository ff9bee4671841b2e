import type { Policy } from '../call/send.ts';

/** Counts the attempts of a call. */
export const countAttempts: Policy = (send) => (request, call, done) => {
  call.attempts += 1;
  send(request, call, done);
};
