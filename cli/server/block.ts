import type { Exchange } from './exchange.ts';
import { randomFrom } from './random.ts';
import { type Head, send, sendPieces } from './respond.ts';

/** No body is longer. */
export const MAX_BODY_BYTES = 100_000_000;

const BLOCK_BYTES = 65_536;

/** Bytes that bodies are cut from, over and over: any length and offset costs no memory and no work. */
export function randomBlock(seed: number, length: number = BLOCK_BYTES): Buffer {
  const random = randomFrom(seed);
  return Buffer.from(Array.from({ length: Math.min(length, BLOCK_BYTES) }, () => random() * 256));
}

/** Answers with the bytes from `start` to before `end` of the endlessly repeated block. */
export function sendFromBlock(
  exchange: Exchange,
  block: Buffer,
  start: number,
  end: number,
  head: Head,
): void | Promise<void> {
  if (end <= block.length) return send(exchange, block.subarray(start, end), head);
  return sendPieces(exchange, piecesOf(block, start, end), {
    ...head,
    headers: { ...head.headers, 'Content-Length': end - start },
  });
}

/** The same bytes in pieces no longer than the block or `pieceBytes`. */
export function* piecesOf(
  block: Buffer,
  start: number,
  end: number,
  pieceBytes: number = BLOCK_BYTES,
): Generator<Buffer> {
  for (let at = start; at < end;) {
    const from = at % block.length;
    const piece = block.subarray(from, from + Math.min(pieceBytes, end - at));
    yield piece;
    at += piece.length;
  }
}
