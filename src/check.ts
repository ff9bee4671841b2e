import { inspect } from 'node:util';
import { printable } from './text/printable.ts';

/** The longest time a timer can hold, in milliseconds (about 24.8 days); a longer one would fire at once. */
export const maxTimerMs: number = 2 ** 31 - 1;

/** The message for a wrong argument: what could not be done, why, and what was given. */
export function complaint(task: string, name: string, wanted: string, value: unknown): string {
  return `Cannot ${task} as '${name}' must be ${wanted}: current value is ${shown(value)}`;
}

/** Checks a whole number of at least `least`. Throws a `TypeError` or a `RangeError` that names it. */
export function requireInteger(task: string, name: string, value: unknown, least: number): number {
  const wanted = `an integer >= ${least}`;
  if (typeof value !== 'number') throw new TypeError(complaint(task, name, wanted, value));
  if (!Number.isSafeInteger(value) || value < least) throw new RangeError(complaint(task, name, wanted, value));
  return value;
}

/** Checks how many may run at once: a whole number of at least 1, or `Infinity` for no limit. */
export function requireConcurrency(task: string, value: unknown): number {
  return value === Infinity ? value : requireInteger(task, 'concurrency', value, 1);
}

/** Checks a time in milliseconds, of at least `least`. `Infinity` means no limit, where there can be none. */
export function requireMilliseconds(task: string, name: string, value: unknown, least: number): number {
  const wanted = least > 0 ? 'a number of milliseconds > 0' : 'a number of milliseconds >= 0';
  if (typeof value !== 'number') throw new TypeError(complaint(task, name, wanted, value));
  if (!(value >= 0) || (least > 0 && value === 0)) throw new RangeError(complaint(task, name, wanted, value));
  if (value !== Infinity && value > maxTimerMs) {
    throw new RangeError(
      complaint(task, name, `at most ${maxTimerMs} ms, which is the longest a timer can wait`, value),
    );
  }
  return value;
}

/** Checks the time between two starts. It is not a limit: `Infinity` would mean that there is never a second one. */
export function requireInterval(task: string, value: unknown): number {
  if (value !== Infinity) return requireMilliseconds(task, 'intervalMs', value, 0);
  throw new RangeError(complaint(task, 'intervalMs', 'a finite number of milliseconds', value));
}

/** Checks an `AbortSignal`, if there is one. */
export function requireSignal(task: string, signal: unknown): void {
  if (signal === undefined || signal instanceof AbortSignal) return;
  throw new TypeError(complaint(task, 'signal', 'an AbortSignal', signal));
}

/** A value as an error message shows it: short, and in a form that tells its type. */
export function shown(value: unknown): string {
  return printable(inspect(value, { depth: -1, maxStringLength: 100 }));
}
