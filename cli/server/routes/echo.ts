import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { type Exchange, originOf, queryOf } from '../exchange.ts';
import { Refusal } from '../refusal.ts';
import { sendJson } from '../respond.ts';

const maxEchoBytes = 10_000_000;

/** Answers with the request line and headers as JSON. */
export function echo(exchange: Exchange): void {
  sendJson(exchange, factsOf(exchange));
}

/** Answers with the whole request as JSON, body included. */
export async function echoBody(exchange: Exchange): Promise<void> {
  sendJson(exchange, await factsWithBodyOf(exchange));
}

/** Answers with the headers of the request. */
export function headers(exchange: Exchange): void {
  sendJson(exchange, { headers: headersOf(exchange) });
}

/** Answers with the address of the client. */
export function ip(exchange: Exchange): void {
  sendJson(exchange, { origin: exchange.request.socket.remoteAddress });
}

/** Answers with the User-Agent header of the request. */
export function userAgent(exchange: Exchange): void {
  sendJson(exchange, { 'user-agent': exchange.request.headers['user-agent'] ?? null });
}

/** Returns the request line and the headers as an object. */
export function factsOf(exchange: Exchange): Record<string, unknown> {
  const { request, path, search } = exchange;
  return {
    method: request.method,
    args: search === '' ? {} : valuesByName(queryOf(exchange)),
    headers: headersOf(exchange),
    origin: request.socket.remoteAddress,
    url: `${originOf(exchange)}${path}${search === '' ? '' : `?${search}`}`,
  };
}

/** Returns the whole request as an object: the body as text, and parsed if it is JSON or a form. */
export async function factsWithBodyOf(exchange: Exchange): Promise<Record<string, unknown>> {
  const body = await readBody(exchange.request);
  const type = exchange.request.headers['content-type'] ?? 'application/octet-stream';
  if (type.startsWith('application/x-www-form-urlencoded')) {
    return { ...factsOf(exchange), data: '', form: valuesByName(new URLSearchParams(body.toString())), json: null };
  }
  const data = isUtf8(body) ? body.toString() : `data:${type};base64,${body.toString('base64')}`;
  return { ...factsOf(exchange), data, form: {}, json: parsed(data) };
}

// httpbin capitalizes names (`User-Agent`), however the client wrote them.
function headersOf({ request }: Exchange): Record<string, unknown> {
  return Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [titled(name), value]));
}

function titled(name: string): string {
  return name.replaceAll(/(?<![a-z])[a-z]/g, (letter) => letter.toUpperCase());
}

/** Groups values by name: a string for a single value, an array for several. */
function valuesByName(pairs: URLSearchParams): Record<string, string | string[]> {
  const grouped = Map.groupBy(pairs, ([name]) => name);
  return Object.fromEntries(
    [...grouped].map(([name, [first, ...others]]) => [
      name,
      others.length === 0 ? (first?.[1] ?? '') : [first, ...others].map((pair) => pair?.[1] ?? ''),
    ]),
  );
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  // Leaving the loop must not destroy the connection: the client has to read the 413.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxEchoBytes) throw new Refusal(413, `Bad body: more than ${maxEchoBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
