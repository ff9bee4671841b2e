import { MAX_BODY_BYTES, piecesOf, randomBlock, sendFromBlock } from '../block.ts';
import { type Exchange, queryOf } from '../exchange.ts';
import { wholeNumber } from '../number.ts';
import { sendPieces } from '../respond.ts';
import { factsOf } from './echo.ts';

const MAX_LINES = 100_000;

const unseeded = randomBlock(0);
const headers = { 'Content-Type': 'application/octet-stream' };

/** Answers with that many random bytes, the same for the same `seed`, and tells the length. */
export function bytes(exchange: Exchange): void | Promise<void> {
  const length = wholeNumber('length', exchange.parameters.length, { maximum: MAX_BODY_BYTES });
  return sendFromBlock(exchange, blockFor(exchange, length), 0, length, { headers });
}

/** The same, chunked. */
export async function streamBytes(exchange: Exchange): Promise<void> {
  const length = wholeNumber('length', exchange.parameters.length, { maximum: MAX_BODY_BYTES });
  const chunkBytes = wholeNumber('chunk_size', queryOf(exchange).get('chunk_size') ?? '10240', { minimum: 1 });
  await sendPieces(exchange, piecesOf(blockFor(exchange, length), 0, length, chunkBytes), { headers });
}

/** Answers with that many lines of JSON, chunked. */
export async function streamLines(exchange: Exchange): Promise<void> {
  const count = wholeNumber('count', exchange.parameters.count, { maximum: MAX_LINES });
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
