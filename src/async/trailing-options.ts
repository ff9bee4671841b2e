/** What the calls that take their jobs one by one accept after the last of them. */
export interface ChainOptions {
  /** Given to each job as its signal. Once it has aborted, no further job is started. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Tells the options at the end of an argument list from what stands before them. Only a plain object is taken for
 * options: a promise or a signal by mistake is left among the others, where the check for jobs finds it.
 */
export function splitOptions(values: readonly unknown[]): { jobs: readonly unknown[]; options: ChainOptions } {
  const last = values.at(-1);
  const hasOptions = values.length > 0 && (last === undefined || isPlainObject(last));
  return hasOptions ? { jobs: values.slice(0, -1), options: last ?? {} } : { jobs: values, options: {} };
}

function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
