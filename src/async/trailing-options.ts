/** Options of `chain()` and `pipe()`, after the last job or step. */
export interface ChainOptions {
  /** The signal that each job gets. Once it has aborted, no further job starts. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Splits an argument list into jobs and trailing options. Only a plain object counts as options: a promise or a signal
 * by mistake stays among the jobs, where their check finds it.
 */
export function splitOptions(values: readonly unknown[]): { jobs: readonly unknown[]; options: ChainOptions } {
  const last = values.at(-1);
  const hasOptions = values.length > 0 && (last === undefined || isPlainObject(last));
  return hasOptions ? { jobs: values.slice(0, -1), options: last ?? {} } : { jobs: values, options: {} };
}

function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
