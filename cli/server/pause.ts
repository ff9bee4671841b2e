import { setTimeout } from 'node:timers/promises';
import type { Exchange } from './exchange.ts';

/** Waits for `waitMs` milliseconds. Rejects once the client disconnects, so that no timer outlives its connection. */
export async function pause({ request }: Exchange, waitMs: number): Promise<void> {
  const { socket } = request;
  const gone = new AbortController();
  const leave = (): void => gone.abort();
  // An unread body would stop the socket from being read, and we would not notice that the client left.
  request.resume();
  // The response's own 'close' never fires if it is queued behind another one (pipelining).
  socket.setMaxListeners(0).once('close', leave);
  if (socket.destroyed) leave();
  try {
    await setTimeout(waitMs, undefined, { signal: gone.signal });
  } finally {
    socket.off('close', leave);
  }
}
