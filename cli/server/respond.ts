import type { OutgoingHttpHeaders } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Exchange } from './exchange.ts';

/** Status and headers of a response. */
export interface Head {
  readonly status?: number;
  readonly headers?: OutgoingHttpHeaders;
}

/** Answers with a body in memory. Node omits it for HEAD. */
export function send({ response }: Exchange, body: string | Buffer, { status = 200, headers }: Head): void {
  response.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body) });
  response.end(body);
}

/** Answers with one line of JSON. */
export function sendJson(exchange: Exchange, value: unknown, { status = 200, headers }: Head = {}): void {
  send(exchange, `${JSON.stringify(value)}\n`, { status, headers: { 'Content-Type': 'application/json', ...headers } });
}

/** Answers with plain text. */
export function sendText(exchange: Exchange, text: string, { status = 200, headers }: Head = {}): void {
  send(exchange, text, { status, headers: { 'Content-Type': 'text/plain; charset=utf-8', ...headers } });
}

/** Answers without a body. */
export function sendEmpty({ response }: Exchange, { status = 200, headers }: Head = {}): void {
  const bodiless = status === 204 || status === 304;
  response.writeHead(status, bodiless ? headers : { ...headers, 'Content-Length': 0 });
  response.end();
}

/** Answers piece by piece, as fast as the client reads; chunked unless the headers have a length. */
export async function sendPieces(
  { request, response }: Exchange,
  pieces: Iterable<Buffer | string> | AsyncIterable<Buffer | string>,
  { status = 200, headers }: Head,
): Promise<void> {
  response.writeHead(status, headers);
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  await pipeline(pieces, response);
}
