/** The callbacks that wait for each signal. An entry lives as long as it has a callback. */
const waiting = new WeakMap<AbortSignal, Waiters>();

interface Waiters {
  readonly callbacks: Set<() => void>;
  readonly listener: () => void;
}

/**
 * Calls `callback` once when the signal aborts. It is not called if the signal has aborted already.
 *
 * The signal has one listener, however many callbacks wait: adding the n-th listener to an `AbortSignal` takes n steps,
 * and so does removing one.
 *
 * @returns a function that removes the callback; call it as soon as the signal no longer matters
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  const { callbacks } = waiting.get(signal) ?? listen(signal);
  // Wrapped, so that a function that is passed twice is called twice.
  const entry = (): void => callback();
  callbacks.add(entry);
  return () => {
    if (callbacks.delete(entry) && callbacks.size === 0) unlisten(signal);
  };
}

function listen(signal: AbortSignal): Waiters {
  const callbacks = new Set<() => void>();
  const listener = (): void => {
    waiting.delete(signal);
    for (const callback of callbacks) callback();
  };
  const waiters = { callbacks, listener };
  waiting.set(signal, waiters);
  signal.addEventListener('abort', listener, { once: true });
  return waiters;
}

function unlisten(signal: AbortSignal): void {
  const waiters = waiting.get(signal);
  // Absent once the signal has aborted.
  if (waiters === undefined) return;
  waiting.delete(signal);
  signal.removeEventListener('abort', waiters.listener);
}
