import { FetchError, type FetchErrorCode } from '../../src/http/error.ts';
import type { CancelledResult, FailureResult, ResponseResult } from '../../src/http/result.ts';

/** Makes the result of an ordinary response. */
export function response(overrides: Partial<ResponseResult> = {}): ResponseResult {
  const url = overrides.url ?? 'https://example.com/';
  return {
    index: 0,
    url,
    method: 'GET',
    kind: 'response',
    ok: true,
    status: 200,
    length: 5123,
    wireLength: 1711,
    elapsedMs: 87.4,
    attempts: 1,
    complete: 'framed',
    finalUrl: url,
    redirects: 0,
    headers: {},
    timingsMs: {},
    at: '2026-01-01T00:00:00.000Z',
    bytes: () => new Uint8Array(),
    text: () => '',
    json: () => undefined,
    ...overrides,
  };
}

/** Makes the result of a request that failed with a code. */
export function failure(
  code: FetchErrorCode = 'CONNECT_REFUSED',
  overrides: Partial<FailureResult> = {},
): FailureResult {
  return {
    index: 0,
    url: 'https://example.com/',
    method: 'GET',
    kind: 'failure',
    ok: false,
    length: 0,
    elapsedMs: 12,
    attempts: 3,
    error: new FetchError(code, `Cannot fetch: ${code}`),
    timingsMs: {},
    at: '2026-01-01T00:00:00.000Z',
    ...overrides,
  };
}

/** Makes the result of a request that was cancelled before it was sent. */
export function cancelled(overrides: Partial<CancelledResult> = {}): CancelledResult {
  return {
    index: 0,
    url: 'https://example.com/',
    method: 'GET',
    kind: 'cancelled',
    ok: false,
    elapsedMs: 0,
    attempts: 0,
    error: new FetchError('ABORTED', 'Cancelled'),
    timingsMs: {},
    ...overrides,
  };
}
