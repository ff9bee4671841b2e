import { onAbort } from '../async/on-abort.ts';

/** Resolves once one of the signals aborts. */
export async function aborted(signals: readonly AbortSignal[]): Promise<void> {
  if (signals.some((signal) => signal.aborted)) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const removers = signals.map((signal) => onAbort(signal, resolve));
  await promise;
  for (const remove of removers) remove();
}
