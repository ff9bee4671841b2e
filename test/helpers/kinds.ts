import type { FailureResult, FetchResult, ResponseResult } from '../../src/http/result.ts';

/** Returns the result as a response; throws if it is not one. */
export function responseOf(result: FetchResult): ResponseResult {
  if (result.kind === 'response') return result;
  throw new Error(`Not a response but a ${result.kind}: ${result.error.code}`, { cause: result.error });
}

/** Returns the result as a failure; throws if it is not one. */
export function failureOf(result: FetchResult): FailureResult {
  if (result.kind === 'failure') return result;
  throw new Error(`Not a failure but a ${result.kind}`);
}
