import { complaint, maxTimerMs, requireSignal } from '../check.ts';
import { resolveOptions, type FetcherOptions } from '../fetcher/options.ts';

/** The options of a program for a queue, as far as they are checked. */
interface QueueOptions {
  readonly queue?: unknown;
  readonly name?: unknown;
  readonly fetcher?: FetcherOptions | undefined;
  readonly stop?: unknown;
  readonly signal?: unknown;
}

/**
 * Checks options of a program: those that are unknown, the queue and its name, the fetcher and the signals.
 *
 * @throws TypeError or RangeError that names the option
 */
export function checkOptions(task: string, options: QueueOptions, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(complaint(task, 'options', 'an object', options));
  }
  const unknown = Object.keys(options).find((key) => !known.includes(key));
  if (unknown !== undefined) {
    throw new TypeError(`Cannot ${task} as there is no option '${unknown}': there are ${known.join(', ')}`);
  }
  for (const [name, value] of Object.entries(options)) requireKind(task, name, value);
  checkQueue(task, options.queue, options.name);
  resolveOptions(options.fetcher);
  requireSignal(task, options.signal);
  if (options.stop !== undefined && !(options.stop instanceof AbortSignal)) {
    throw new TypeError(complaint(task, 'stop', 'an AbortSignal', options.stop));
  }
}

/** Checks that a callback is a function, and a switch true or false. */
function requireKind(task: string, name: string, value: unknown): void {
  if (value === undefined) return;
  if (/^on[A-Z]/.test(name) && typeof value !== 'function') {
    throw new TypeError(complaint(task, name, 'a function', value));
  }
  if (switches.has(name) && typeof value !== 'boolean') {
    throw new TypeError(complaint(task, name, 'true or false', value));
  }
}

const switches: ReadonlySet<string> = new Set(['untilDone', 'retryFailed', 'includeHeaders']);

/** Checks that there are only some options of a fetcher. Throws a `TypeError` that names the first other one. */
export function requireOnly(task: string, fetcher: FetcherOptions, names: readonly string[]): void {
  const other = Object.keys(fetcher).find((key) => !names.includes(key));
  if (other === undefined) return;
  throw new TypeError(`Cannot ${task} as there is no option 'fetcher.${other}' there: there are ${names.join(', ')}`);
}

/** Checks the URL of a queue and the name of a run. Throws a `TypeError` or a `RangeError`. */
export function checkQueue(task: string, queue: unknown, name: unknown = 'fetchmany'): void {
  if (typeof queue !== 'string') throw new TypeError(complaint(task, 'queue', 'a URL', queue));
  if (typeof name !== 'string') throw new TypeError(complaint(task, 'name', 'a string', name));
  if (runName.test(name)) return;
  throw new RangeError(complaint(task, 'name', '1 to 64 letters, digits, dots, hyphens or underscores', name));
}

const runName = /^[\w.-]{1,64}$/;

/** Checks that a value is one of several words. Throws a `TypeError`. */
export function requireWord(task: string, name: string, value: unknown, words: readonly string[]): void {
  if (value === undefined || words.includes(value as string)) return;
  throw new TypeError(complaint(task, name, words.map((word) => `'${word}'`).join(' or '), value));
}

/** Checks a lease in milliseconds: with a shorter one, a busy machine would lose its work. Throws a `TypeError` or a `RangeError`. */
export function requireLease(task: string, value: unknown): void {
  if (value === undefined) return;
  const wanted = `a number of milliseconds from 500 to ${maxTimerMs}`;
  if (typeof value !== 'number') throw new TypeError(complaint(task, 'leaseMs', wanted, value));
  if (!(value >= 500 && value <= maxTimerMs)) throw new RangeError(complaint(task, 'leaseMs', wanted, value));
}
