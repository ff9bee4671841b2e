import { expect } from 'vitest';
import { FetchError, type FetchErrorCode } from '../../src/http/error.ts';
import { createFetcher, type Fetcher } from '../../src/index.ts';
import type { FetchResult } from '../../src/http/result.ts';
import { loopbackCertificate } from '../helpers/servers/certificate.ts';
import { collect } from '../helpers/collect.ts';
import { watchProcess } from '../helpers/incidents.ts';
import { inPieces } from '../helpers/servers/in-pieces.ts';
import { deadPort, rawServer, send, type RawRequest } from '../helpers/servers/raw-server.ts';
import type { FaultCase } from './fault-case.ts';
import { empty } from './replies.ts';

/** The way in which the server writes: at once, or in pieces of at most 20 bytes. */
export type Writing = 'whole' | 'in pieces';

/** No case waits longer than its own limit, about a second. The rest allows for a busy machine. */
const withinMs = 5000;

/** Runs a case through the library and checks its outcome and the seven invariants. */
export async function holds(fault: FaultCase, writing: Writing): Promise<void> {
  const { answer = send(), over, options } = fault;
  using incidents = watchProcess();
  const tls = over === 'tls' ? await loopbackCertificate() : undefined;
  await using healthy = await rawServer(send(empty));
  await using server = await rawServer(writing === 'whole' ? answer : inPieces(answer), tls);
  const fetcher = createFetcher({ retry: { retries: 0 }, ...options, ...(tls ? { tls: { ca: tls.cert } } : {}) });
  const url = fault.answer ? `${server.url}/start` : `http://127.0.0.1:${await deadPort()}/start`;

  const since = performance.now();
  const results = await collect(fetcher.asCompleted([{ url, ...fault.request }]));
  expect(performance.now() - since, 'settles in time').toBeLessThan(withinMs);
  expect(results, 'has one record').toHaveLength(1);
  expectOutcome(results[0]!, fault, server.requests);
  expectHonest(results[0]!);
  expect(await isServed(fetcher, healthy.url), 'does no harm to others').toBe(true);
  await fetcher.close();
  await expectWithin(2000, server.deserted(), 'leaves no connection');
  expect(incidents.seen, 'leaves no incident').toEqual([]);
}

function expectOutcome(result: FetchResult, { expected }: FaultCase, requests: readonly RawRequest[]): void {
  const { kind, attempts } = expected;
  if (expected.kind === 'response') {
    const { status, complete, redirects, body } = expected;
    const bytes = Buffer.from(body as string, 'latin1');
    expect(result).toMatchObject({ kind, status, complete, redirects, attempts, length: bytes.length });
    expect(Buffer.compare(bytesOf(result), bytes), 'the bytes are those the server meant').toBe(0);
  } else {
    const { code, retryable, length } = expected;
    expect(result).toMatchObject({ kind, attempts, error: { code, retryable } });
    if (length !== undefined) expect(result).toMatchObject({ length });
  }
  expect(requests, 'the expected number of requests reached the server').toHaveLength(expected.requests);
}

/** Checks what must be true of any record, whatever the network did. */
export function expectHonest(result: FetchResult): void {
  if (result.kind === 'response') {
    expect(result.bytes()).toHaveLength(result.length);
    expect(result.status).toBeGreaterThanOrEqual(200);
    return;
  }
  const { code, message, cause } = result.error;
  expect(codes).toContain(code);
  expect(code).not.toBe('INTERNAL');
  expect(message).not.toMatch(/\p{Cc}|\p{Cf}/u);
  if (cause instanceof FetchError) return;
  expect(codes, 'no code of ours is a code of Node or undici').not.toContain((cause as NodeJS.ErrnoException)?.code);
}

/** Tells whether a healthy server is reached. Tries several times, as the time limits of a case are short. */
async function isServed(fetcher: Fetcher, url: string): Promise<boolean> {
  for (let time = 0; time < 3; time += 1) {
    const result = await fetcher.fetch(url);
    if (result.kind === 'response') return result.status === 200;
  }
  return false;
}

/** Fails unless the promise is settled in time. */
export async function expectWithin(ms: number, promise: Promise<unknown>, what: string): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`Not within ${ms} ms: ${what}`)), ms);
  await Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

function bytesOf(result: FetchResult): Uint8Array {
  return result.kind === 'response' ? result.bytes() : new Uint8Array();
}

/** The closed list. The compiler checks that it is complete. */
const everyCode: Readonly<Record<FetchErrorCode, true>> = {
  URL_INVALID: true,
  URL_SCHEME: true,
  URL_TOO_LONG: true,
  REQUEST_INVALID: true,
  ADDRESS_BLOCKED: true,
  DNS_NOT_FOUND: true,
  DNS_TEMPORARY: true,
  DNS_TIMEOUT: true,
  CONNECT_REFUSED: true,
  CONNECT_TIMEOUT: true,
  CONNECT_UNREACHABLE: true,
  CONNECT_RESET: true,
  TLS_EXPIRED: true,
  TLS_NOT_YET_VALID: true,
  TLS_SELF_SIGNED: true,
  TLS_UNTRUSTED: true,
  TLS_HOST: true,
  TLS_WEAK: true,
  TLS_PROTOCOL: true,
  TLS_TIMEOUT: true,
  PROXY_CONNECT: true,
  PROXY_TLS: true,
  PROXY_AUTH: true,
  PROXY_REFUSED: true,
  NO_RESPONSE: true,
  CONN_RESET: true,
  HEADERS_TIMEOUT: true,
  BODY_TIMEOUT: true,
  TIMEOUT: true,
  DEADLINE: true,
  HTTP_PROTOCOL: true,
  HEADERS_TOO_LARGE: true,
  LENGTH_MISMATCH: true,
  BODY_TRUNCATED: true,
  BODY_TOO_LARGE: true,
  CHECKSUM_MISMATCH: true,
  DECODE_FAILED: true,
  ENCODING_UNSUPPORTED: true,
  REDIRECT_LIMIT: true,
  REDIRECT_LOOP: true,
  REDIRECT_INVALID: true,
  REDIRECT_SCHEME: true,
  HOST_DOWN: true,
  RATE_LIMITED: true,
  ROBOTS_DENIED: true,
  LOCAL_FDS: true,
  LOCAL_PORTS: true,
  LOCAL_MEMORY: true,
  DISK_FULL: true,
  FILE_IO: true,
  ABORTED: true,
  HOOK_FAILED: true,
  INTERNAL: true,
};
const codes: readonly string[] = Object.keys(everyCode);
