import { FetchError } from '../error.ts';
import type { Policy } from '../send.ts';

/**
 * Ends an attempt with `TIMEOUT` after so many milliseconds. Time in our own queue does not count, so an attempt that
 * had to wait there (a redirect to a busy host) gets that time back.
 */
export const timeout =
  (timeoutMs: number): Policy =>
  (send) =>
  async (request, flight) => {
    const startedAt = performance.now();
    const queuedBefore = flight.queuedMs(startedAt);
    let timer = setTimeout(check, timeoutMs);

    function check(): void {
      const now = performance.now();
      const leftMs = timeoutMs - (now - startedAt - (flight.queuedMs(now) - queuedBefore));
      if (leftMs >= 1) timer = setTimeout(check, leftMs);
      else flight.interrupt(new FetchError('TIMEOUT', `No whole response within ${timeoutMs} ms`));
    }

    try {
      return await send(request, flight);
    } finally {
      clearTimeout(timer);
    }
  };
