import { complaint, requireInteger, requireMilliseconds } from '../check.ts';
import { parseStatusList } from './status-list.ts';
import type { RequestObject } from './request.ts';

/** Options of one request, checked. A field that is not there is decided by the fetcher. */
export interface RequestLimits {
  readonly timeoutMs?: number;
  readonly retries?: number;
  readonly isExpected?: (status: number) => boolean;
  readonly maxBodyBytes?: number;
  readonly proxy?: string;
  readonly file?: string;
  readonly sha256?: string;
}

/**
 * Reads the options of one request; `undefined` if it has none. Throws a `TypeError` or a `RangeError` that names the
 * wrong one.
 */
export function parseRequestLimits(request: Partial<RequestObject>): RequestLimits | undefined {
  const { timeoutMs, retries, expect, maxBodyBytes, proxy, file, sha256 } = request;
  // Most requests have none, and this is done for every one of them.
  if ([timeoutMs, retries, expect, maxBodyBytes, proxy, file, sha256].every((option) => option === undefined)) {
    return undefined;
  }
  return {
    ...(timeoutMs !== undefined && { timeoutMs: requireMilliseconds(task, 'timeoutMs', timeoutMs, 1) }),
    ...(retries !== undefined && { retries: requireInteger(task, 'retries', retries, 0) }),
    ...(expect !== undefined && { isExpected: requireStatusList(expect) }),
    ...(maxBodyBytes !== undefined && { maxBodyBytes: requireInteger(task, 'maxBodyBytes', maxBodyBytes, 0) }),
    ...(proxy !== undefined && { proxy: requireDirect(proxy) }),
    ...(file !== undefined && { file: requireText('file', file) }),
    ...(sha256 !== undefined && { sha256: requireSha256(sha256) }),
  };
}

const task = 'send a request';

function requireStatusList(list: unknown): (status: number) => boolean {
  const isExpected = typeof list === 'string' ? parseStatusList(list) : undefined;
  if (isExpected === undefined) throw new TypeError(complaint(task, 'expect', `a list such as '200-399,404'`, list));
  return isExpected;
}

function requireText(name: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new TypeError(complaint(task, name, 'a string that is not empty', value));
}

/** Refuses a proxy: to go around it would be to send the request over a network that its owner did not choose. */
function requireDirect(proxy: unknown): 'none' {
  if (proxy === 'none') return proxy;
  throw new TypeError(`Cannot ${task} as 'proxy' must be 'none': a proxy for one request is not supported yet`);
}

function requireSha256(value: unknown): string {
  if (typeof value === 'string' && /^[0-9a-f]{64}$/i.test(value)) return value.toLowerCase();
  throw new TypeError(complaint(task, 'sha256', '64 hexadecimal digits', value));
}
