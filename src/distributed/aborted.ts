/** Resolves once one of the signals aborts. */
export async function aborted(signals: readonly AbortSignal[]): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const done = (): void => resolve();
  for (const signal of signals) {
    signal.addEventListener('abort', done, { once: true });
    if (signal.aborted) done();
  }
  await promise;
  for (const signal of signals) signal.removeEventListener('abort', done);
}
