import type { Exchange } from './exchange.ts';
import { randomFrom } from './random.ts';
import { type Head, send, sendPieces } from './respond.ts';

/** Maximum length of a generated body. */
export const maxBodyBytes = 100_000_000;

const blockBytes = 65_536;

/** Makes the random bytes that all bodies repeat, so that a body of any length and offset costs no memory and no work. */
export function randomBlock(seed: number, length: number = blockBytes): Buffer {
  const random = randomFrom(seed);
  return Buffer.from(Array.from({ length: Math.min(length, blockBytes) }, () => random() * 256));
}

/** Answers with the bytes from `start` (inclusive) to `end` (exclusive) of the endlessly repeated block. */
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

/** Yields those bytes in pieces no longer than the block or `pieceBytes`. */
export function* piecesOf(
  block: Buffer,
  start: number,
  end: number,
  pieceBytes: number = blockBytes,
): Generator<Buffer> {
  for (let at = start; at < end;) {
    const from = at % block.length;
    const piece = block.subarray(from, from + Math.min(pieceBytes, end - at));
    yield piece;
    at += piece.length;
  }
}
