import { FetchError } from './error.ts';

/**
 * Names a function of the caller's that answers at once: what it throws becomes `HOOK_FAILED`, and so does a promise, which
 * it must not return.
 *
 * @param name the option that it was given as, such as `retry.statuses`
 */
export function ownFunction<A extends readonly unknown[], R>(name: string, own: (...args: A) => R): (...args: A) => R {
  return (...args) => {
    let answer: R;
    try {
      answer = own(...args);
    } catch (cause) {
      throw hookError(`The function '${name}'`, cause);
    }
    if (answer instanceof Promise) {
      // Nobody looks at it any more.
      answer.catch(() => {});
      throw hookError(`The function '${name}'`, new TypeError('it returned a promise'));
    }
    return answer;
  };
}

/** Makes the error of a function of the caller's. The error of one that called another stays as it is. */
export function hookError(name: string, cause: unknown): FetchError {
  if (cause instanceof FetchError && cause.code === 'HOOK_FAILED') return cause;
  const why = cause instanceof Error ? cause.message : `it threw a ${typeof cause}`;
  return new FetchError('HOOK_FAILED', `${name} failed: ${why}`, { cause });
}

/** Makes the error of a writer of bodies. One of ours knows the reason. */
export function writerError(cause: unknown): FetchError {
  return cause instanceof FetchError ? cause : hookError(`The writer of 'responseBody'`, cause);
}
