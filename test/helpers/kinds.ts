import type { FailureResult, FetchResult, ResponseResult } from '../../src/http/result.ts';

/** A result that must be a response. */
export function responseOf(result: FetchResult): ResponseResult {
  if (result.kind === 'response') return result;
  throw new Error(`Not a response but a ${result.kind}: ${result.error.code}`, { cause: result.error });
}

/** A result that must be a failure. */
export function failureOf(result: FetchResult): FailureResult {
  if (result.kind === 'failure') return result;
  throw new Error(`Not a failure but a ${result.kind}`);
}
