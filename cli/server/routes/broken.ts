import { pipeline } from 'node:stream/promises';
import { MAX_BODY_BYTES, piecesOf, randomBlock } from '../block.ts';
import type { Exchange } from '../exchange.ts';
import { wholeNumber } from '../number.ts';

const block = randomBlock(0);

/** Closes the connection without an answer. */
export function close({ request }: Exchange): void {
  request.socket.destroy();
}

/** Resets the connection (TCP RST) without an answer. */
export function reset({ request }: Exchange): void {
  request.socket.resetAndDestroy();
}

/** Promises that many bytes, sends half of them, and closes the connection. */
export async function truncate({ request, response, parameters }: Exchange): Promise<void> {
  const length = wholeNumber('length', parameters.length, { minimum: 1, maximum: MAX_BODY_BYTES });
  response.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Length': length });
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  response.flushHeaders();
  await pipeline(piecesOf(block, 0, Math.floor(length / 2)), response, { end: false });
  request.socket.destroySoon();
}
