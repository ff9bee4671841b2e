import { pipeline } from 'node:stream/promises';
import { maxBodyBytes, piecesOf, randomBlock } from '../block.ts';
import type { Exchange } from '../exchange.ts';
import { wholeNumber } from '../number.ts';

const block = randomBlock(0);

/** Closes the connection without a response. */
export function close({ request }: Exchange): void {
  request.socket.destroy();
}

/** Resets the connection (TCP RST) without a response. */
export function reset({ request }: Exchange): void {
  request.socket.resetAndDestroy();
}

/** Announces a length in bytes, sends half of it, and closes the connection. */
export async function truncate({ request, response, parameters }: Exchange): Promise<void> {
  const length = wholeNumber('length', parameters.length, { min: 1, max: maxBodyBytes });
  response.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Length': length });
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  response.flushHeaders();
  await pipeline(piecesOf(block, 0, Math.floor(length / 2)), response, { end: false });
  request.socket.destroySoon();
}
