/** Who waits for which signal. An entry lives as long as somebody waits. */
const waiting = new WeakMap<AbortSignal, Waiters>();

interface Waiters {
  readonly callbacks: Set<() => void>;
  readonly listener: () => void;
}

/**
 * Calls `callback` once when the signal aborts. It is not called for a signal that is aborted already.
 *
 * However many wait, the signal has one listener: adding the n-th listener to an `AbortSignal` takes n steps, and so
 * does taking one off.
 *
 * @returns a function that ends the waiting; call it as soon as the answer no longer matters
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  const { callbacks } = waiting.get(signal) ?? listen(signal);
  // Wrapped, so that the same function given twice counts twice.
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
  // None is left once the signal has aborted.
  if (waiters === undefined) return;
  waiting.delete(signal);
  signal.removeEventListener('abort', waiters.listener);
}
