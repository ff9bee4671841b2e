import { complaint } from '../../check.ts';
import { framingOf } from '../response/framing.ts';
import { locationsOf, plainHeaders, type RawHeaders } from '../response/response-headers.ts';
import type { Head } from '../response/response-reader.ts';
import type { TransportHeaders, TransportResponse } from './transport.ts';

/** A response of a transport in the terms of a response reader. */
export interface ReadResponse {
  readonly head: Head;
  readonly body: Uint8Array | AsyncIterable<Uint8Array>;
  readonly complete: 'framed' | 'unverified';
}

const task = 'read a response';

/**
 * Checks the response of a transport. Throws a `TypeError` or a `RangeError` that names a wrong field, and a
 * `FetchError` for a response that cannot be read.
 */
export function readResponse(response: TransportResponse, method: string): ReadResponse {
  if (typeof response !== 'object' || response === null) {
    throw new TypeError(complaint(task, 'response', 'an object with a status', response));
  }
  const status = requireStatus(response.status);
  const raw = rawHeaders(response.headers);
  const headers = plainHeaders(raw);
  const body = readBody(response.body);
  const complete = response.complete ?? (body instanceof Uint8Array ? 'framed' : framingOf(method, status, headers));
  if (typeof complete !== 'string') throw complete;
  return {
    head: { status, headers, locations: locationsOf(raw), isDecoded: response.decoded === true },
    body,
    complete,
  };
}

/** Checks one piece of a body. */
export function requireBytes(piece: unknown): Uint8Array {
  if (piece instanceof Uint8Array) return piece;
  throw new TypeError(complaint(task, 'body', 'made of Uint8Array pieces', piece));
}

function requireStatus(status: unknown): number {
  const wanted = 'an integer from 200 to 999';
  if (typeof status !== 'number') throw new TypeError(complaint(task, 'status', wanted, status));
  if (Number.isInteger(status) && status >= 200 && status <= 999) return status;
  throw new RangeError(complaint(task, 'status', wanted, status));
}

function rawHeaders(given: TransportHeaders = {}): RawHeaders {
  if (typeof given !== 'object' || given === null) {
    throw new TypeError(complaint(task, 'headers', 'an object, or pairs of a name and a value', given));
  }
  const raw = new Map<string, string[]>();
  for (const [name, value] of Symbol.iterator in given ? given : Object.entries(given)) {
    if (value === undefined) continue;
    const key = name.toLowerCase();
    const values = Array.isArray(value) ? (value as readonly string[]).map(String) : [String(value)];
    raw.set(key, [...(raw.get(key) ?? []), ...values]);
  }
  return Object.fromEntries(raw);
}

function readBody(body: unknown): Uint8Array | AsyncIterable<Uint8Array> {
  if (body === undefined || body === null) return noBody;
  if (typeof body === 'string') return Buffer.from(body);
  if (body instanceof Uint8Array) return body;
  if (typeof body === 'object' && Symbol.asyncIterator in body) return body as AsyncIterable<Uint8Array>;
  throw new TypeError(complaint(task, 'body', 'text, a Uint8Array or an async iterable of them', body));
}

const noBody = new Uint8Array(0);
