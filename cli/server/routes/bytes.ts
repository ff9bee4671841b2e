import { maxBodyBytes, piecesOf, randomBlock, sendFromBlock } from '../block.ts';
import { type Exchange, queryOf } from '../exchange.ts';
import { wholeNumber } from '../number.ts';
import { sendPieces } from '../respond.ts';
import { factsOf } from './echo.ts';

const maxLines = 100_000;

const unseeded = randomBlock(0);
const headers = { 'Content-Type': 'application/octet-stream' };

/** Answers with random bytes and their Content-Length; the same bytes for the same `seed`. */
export function bytes(exchange: Exchange): void | Promise<void> {
  const length = wholeNumber('length', exchange.parameters.length, { max: maxBodyBytes });
  return sendFromBlock(exchange, blockFor(exchange, length), 0, length, { headers });
}

/** Answers with random bytes, chunked. */
export async function streamBytes(exchange: Exchange): Promise<void> {
  const length = wholeNumber('length', exchange.parameters.length, { max: maxBodyBytes });
  const chunkBytes = wholeNumber('chunk_size', queryOf(exchange).get('chunk_size') ?? '10240', { min: 1 });
  await sendPieces(exchange, piecesOf(blockFor(exchange, length), 0, length, chunkBytes), { headers });
}

/** Answers with lines of JSON, chunked. */
export async function streamLines(exchange: Exchange): Promise<void> {
  const count = wholeNumber('count', exchange.parameters.count, { max: maxLines });
  await sendPieces(exchange, lines(exchange, count), { headers: { 'Content-Type': 'application/json' } });
}

function blockFor(exchange: Exchange, length: number): Buffer {
  const seed = exchange.search === '' ? null : queryOf(exchange).get('seed');
  return seed === null ? unseeded : randomBlock(wholeNumber('seed', seed), length);
}

function* lines(exchange: Exchange, count: number): Generator<string> {
  const facts = factsOf(exchange);
  for (let id = 0; id < count; id += 1) yield `${JSON.stringify({ id, ...facts })}\n`;
}
