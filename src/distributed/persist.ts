import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Tries until it succeeds, with pauses of up to two seconds. For calls that may be made twice.
 *
 * @param signal ends the attempts: the promise then rejects with its reason
 */
export async function persist<T>(attempt: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let failures = 0; ; failures += 1) {
    signal.throwIfAborted();
    try {
      return await attempt();
    } catch {
      // Nothing to tell: the caller's display shows that the broker is gone.
    }
    await pause(Math.min(2000, 50 * 2 ** failures) * (0.5 + Math.random() / 2), signal);
  }
}

/** Waits for some milliseconds, or until the signal aborts; never rejects. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch {
    // Aborted: the caller looks at the signal.
  }
}
