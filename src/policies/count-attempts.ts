import { traceAttempt } from '../call/telemetry.ts';
import type { Policy } from '../call/send.ts';

/** Counts the attempts of a call. */
export const countAttempts: Policy = (send) => (request, call, done) => {
  call.attempts += 1;
  if (call.trace !== undefined) traceAttempt(call);
  send(request, call, done);
};
