/** Errors and warnings that no request may cause. `using` ends the watch. */
export interface Incidents extends Disposable {
  readonly seen: readonly string[];
}

/** Watches the process for uncaught errors and for warnings, such as too many listeners. */
export function watchProcess(): Incidents {
  const seen: string[] = [];
  const note = (error: unknown): unknown =>
    seen.push(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
  const events = ['warning', 'uncaughtException', 'unhandledRejection'] as const;
  for (const event of events) process.on(event as 'warning', note);
  return {
    seen,
    [Symbol.dispose]() {
      for (const event of events) process.off(event, note);
    },
  };
}
