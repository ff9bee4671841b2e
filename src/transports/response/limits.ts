/** The largest response head, in bytes. Every error message that names it says "64 KB". */
export const maxHeadBytes: number = 64 * 1024;

/** Returns how many idle connections may be kept. Over many hosts they would otherwise use up our file descriptors. */
export function maxIdleConnections(concurrency: number): number {
  return Math.max(256, 2 * concurrency);
}
