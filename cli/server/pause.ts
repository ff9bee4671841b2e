import { setTimeout } from 'node:timers/promises';
import type { Exchange } from './exchange.ts';

/** Waits; rejects as soon as the client goes away, so that no timer outlives its connection. */
export async function pause({ request }: Exchange, waitMs: number): Promise<void> {
  const { socket } = request;
  const gone = new AbortController();
  const leave = (): void => gone.abort();
  // An unread body stops the reading of the socket, and with it the news that the client left.
  request.resume();
  // Not the 'close' of the response: one that is queued behind another (pipelining) never gets it.
  socket.setMaxListeners(0).once('close', leave);
  if (socket.destroyed) leave();
  try {
    await setTimeout(waitMs, undefined, { signal: gone.signal });
  } finally {
    socket.off('close', leave);
  }
}
