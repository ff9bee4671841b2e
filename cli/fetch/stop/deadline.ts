import type { Halt } from './halt.ts';

/** Cuts a run off when its time is up. Returns a function that ends the watch. */
export function watchDeadline(halt: Halt, deadlineMs: number = Infinity): () => void {
  if (deadlineMs === Infinity) return () => {};
  const timer = setTimeout(() => halt.cancelRunning('deadline'), deadlineMs);
  return () => clearTimeout(timer);
}
