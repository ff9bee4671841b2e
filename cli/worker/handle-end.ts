import { say } from '../rows/say.ts';

/** What signals of the system ask of a worker. */
export interface EndSignals {
  /** Aborted at the first signal: nothing new starts. */
  readonly stop: AbortSignal;
  /** Aborted at the second signal: requests in flight are aborted. */
  readonly cancel: AbortSignal;
  /** Removes the handlers. */
  readonly remove: () => void;
}

/**
 * Handles SIGTERM and Ctrl-C: the first hands the work back, the second does so at once, the third exits. A worker also
 * hands its work back when the process that started it has ended.
 */
export function handleEnd(): EndSignals {
  const stop = new AbortController();
  const cancel = new AbortController();

  function handle(signal: string): void {
    if (cancel.signal.aborted) process.exit(1);
    if (stop.signal.aborted) {
      cancel.abort();
      return;
    }
    say(`${signal}: finishing running requests, up to 5 s; the rest is handed back`);
    stop.abort();
  }

  const orphaned = (): void => {
    if (!stop.signal.aborted) handle('the parent process has exited');
  };
  for (const signal of signals) process.on(signal, handle);
  process.on('disconnect', orphaned);
  return {
    stop: stop.signal,
    cancel: cancel.signal,
    remove() {
      for (const signal of signals) process.off(signal, handle);
      process.off('disconnect', orphaned);
      // The channel to the parent would keep this process alive.
      if (process.connected) process.disconnect();
    },
  };
}

const signals: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
