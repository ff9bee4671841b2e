import { complaint, requireInteger, requireMilliseconds } from '../check.ts';
import { parseChecksums } from './checksum.ts';
import type { ExpectedDigest } from './expected-digest.ts';
import { parseProxy, type Proxy } from './proxy.ts';
import { parseStatusList } from './status-list.ts';
import type { RequestObject } from './request.ts';

/** Options of one request, checked. A field that is not there is decided by the fetcher. */
export interface RequestLimits {
  readonly timeoutMs?: number;
  readonly retries?: number;
  readonly isExpected?: (status: number) => boolean;
  readonly maxBodyBytes?: number;
  /** `none` for a direct connection. */
  readonly proxy?: Proxy | 'none';
  readonly file?: string;
  readonly sha256?: string;
  readonly checksums?: readonly ExpectedDigest[];
}

/**
 * Reads the options of one request; `undefined` if it has none. Throws a `TypeError` or a `RangeError` that names the
 * wrong one.
 */
export function parseRequestLimits(request: Partial<RequestObject>): RequestLimits | undefined {
  const { timeoutMs, retries, expect, maxBodyBytes, proxy, file, sha256, checksum } = request;
  // Most requests have none, and this is done for every one of them.
  const all = [timeoutMs, retries, expect, maxBodyBytes, proxy, file, sha256, checksum];
  if (all.every((option) => option === undefined)) return undefined;
  return {
    ...(timeoutMs !== undefined && { timeoutMs: requireMilliseconds(task, 'timeoutMs', timeoutMs, 1) }),
    ...(retries !== undefined && { retries: requireInteger(task, 'retries', retries, 0) }),
    ...(expect !== undefined && { isExpected: requireStatusList(expect) }),
    ...(maxBodyBytes !== undefined && { maxBodyBytes: requireInteger(task, 'maxBodyBytes', maxBodyBytes, 0) }),
    ...(proxy !== undefined && { proxy: requireProxy(proxy) }),
    ...(file !== undefined && { file: requireText('file', file) }),
    ...(sha256 !== undefined && { sha256: requireSha256(sha256) }),
    ...(checksum !== undefined && { checksums: requireChecksums(checksum) }),
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

function requireProxy(proxy: unknown): Proxy | 'none' {
  if (typeof proxy !== 'string') throw new TypeError(complaint(task, 'proxy', `a URL, or 'none'`, proxy));
  try {
    return parseProxy(proxy) ?? 'none';
  } catch (cause) {
    throw new TypeError(`Cannot ${task} as 'proxy' ${(cause as Error).message}`, { cause });
  }
}

function requireChecksums(value: unknown): readonly ExpectedDigest[] {
  const digests = typeof value === 'string' ? parseChecksums(value) : undefined;
  if (digests !== undefined) return digests;
  throw new TypeError(complaint(task, 'checksum', 'checksums such as sha256:HEX or sha512-BASE64', value));
}

function requireSha256(value: unknown): string {
  if (typeof value === 'string' && /^[0-9a-f]{64}$/i.test(value)) return value.toLowerCase();
  throw new TypeError(complaint(task, 'sha256', '64 hexadecimal digits', value));
}
