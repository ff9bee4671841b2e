const firstMs = 200;
const maxDelayMs = 20_000;

/**
 * How long to back off before a retry, in milliseconds: uniform in [0, min(20 s, 200 ms * 2^retry)), so that those who
 * failed together do not come back together.
 *
 * "Full jitter" of Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 *
 * @param retry counted from 0.
 * @param random uniform in [0, 1).
 */
export function backoffMs(retry: number, random: () => number = Math.random): number {
  return random() * Math.min(maxDelayMs, firstMs * 2 ** retry);
}
