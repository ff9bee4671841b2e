import { inspect } from 'node:util';
import { printable } from './text/printable.ts';

/** The longest time a timer can hold, in milliseconds (about 24.8 days); a longer one would fire at once. */
export const maxTimerMs: number = 2 ** 31 - 1;

/** Makes the message for a wrong argument: the task, the requirement, and the value given. */
export function complaint(task: string, name: string, wanted: string, value: unknown): string {
  return `Cannot ${task} as '${name}' must be ${wanted}: current value is ${shown(value)}`;
}

/** Checks that a value is a whole number, at least `min`. Throws a `TypeError` or a `RangeError` that names it. */
export function requireInteger(task: string, name: string, value: unknown, min: number): number {
  const wanted = `an integer >= ${min}`;
  if (typeof value !== 'number') throw new TypeError(complaint(task, name, wanted, value));
  if (!Number.isSafeInteger(value) || value < min) throw new RangeError(complaint(task, name, wanted, value));
  return value;
}

/** Checks a concurrency: a whole number, at least 1, or `Infinity` for no limit. */
export function requireConcurrency(task: string, value: unknown): number {
  return value === Infinity ? value : requireInteger(task, 'concurrency', value, 1);
}

/** Checks a time in milliseconds: at least `min`, or `Infinity` for no limit. */
export function requireMilliseconds(task: string, name: string, value: unknown, min: number): number {
  const wanted = min > 0 ? 'a number of milliseconds > 0' : 'a number of milliseconds >= 0';
  if (typeof value !== 'number') throw new TypeError(complaint(task, name, wanted, value));
  if (!(value >= 0) || (min > 0 && value === 0)) throw new RangeError(complaint(task, name, wanted, value));
  if (value !== Infinity && value > maxTimerMs) {
    throw new RangeError(
      complaint(task, name, `at most ${maxTimerMs} ms, which is the longest a timer can wait`, value),
    );
  }
  return value;
}

/** Checks the milliseconds between two starts. With `Infinity` there would never be a second start. */
export function requireInterval(task: string, value: unknown): number {
  if (value !== Infinity) return requireMilliseconds(task, 'intervalMs', value, 0);
  throw new RangeError(complaint(task, 'intervalMs', 'a finite number of milliseconds', value));
}

/** Checks an optional `AbortSignal`. */
export function requireSignal(task: string, signal: unknown): void {
  if (signal === undefined || signal instanceof AbortSignal) return;
  throw new TypeError(complaint(task, 'signal', 'an AbortSignal', signal));
}

/** Formats a value for an error message: short, and so that its type can be seen. */
export function shown(value: unknown): string {
  return printable(inspect(value, { depth: -1, maxStringLength: 100 }));
}
