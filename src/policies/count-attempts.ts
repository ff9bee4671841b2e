import type { Policy } from '../call/send.ts';

/** Counts how many times a request was tried. */
export const countAttempts: Policy = (send) => (request, call, done) => {
  call.attempts += 1;
  send(request, call, done);
};
