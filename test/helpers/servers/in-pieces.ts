import type { Socket } from 'node:net';
import type { RawHandler } from './raw-server.ts';

const shortBytes = 300;
const mostBytes = 20;
/** A long answer is cut into pieces only at both ends; its middle is uniform. */
const endBytes = 3000;
const middleBytes = 1000;
/** Bytes that may wait in the socket before we wait too. */
const fullBytes = 64 * 1024;

/**
 * Writes an answer 20 bytes at a time, a short one byte by byte, each piece in its own turn of the event loop, so that
 * every state of a parser meets a split.
 */
export const inPieces =
  (answer: RawHandler): RawHandler =>
  (socket, request) => {
    splitWrites(socket);
    return answer(socket, request);
  };

const split = new WeakSet<Socket>();

function splitWrites(socket: Socket): void {
  if (split.has(socket)) return;
  split.add(socket);
  const write = socket.write.bind(socket);
  const end = socket.end.bind(socket);
  const reset = socket.resetAndDestroy.bind(socket);
  const steps: (() => unknown)[] = [];
  let isRunning = false;

  function run(): void {
    if (socket.destroyed) return;
    if (socket.writableLength > fullBytes) {
      setTimeout(run, 5);
      return;
    }
    steps.shift()?.();
    isRunning = steps.length > 0;
    if (isRunning) setImmediate(run);
    else socket.emit('drain');
  }

  function add(...more: readonly (() => unknown)[]): void {
    for (const step of more) steps.push(step);
    if (!isRunning) setImmediate(run);
    isRunning = true;
  }

  function pieces(data: string | Uint8Array): (() => unknown)[] {
    const bytes = Buffer.from(data as string);
    const size = bytes.length > shortBytes ? mostBytes : 1;
    const all: (() => unknown)[] = [];
    for (let from = 0, to = 0; from < bytes.length; from = to) {
      const isMiddle = from >= endBytes && from < bytes.length - endBytes;
      to = from + (isMiddle ? middleBytes : size);
      const piece = bytes.subarray(from, to);
      all.push(() => write(piece));
    }
    return all;
  }

  Object.assign(socket, {
    write(data: string | Uint8Array, written?: () => void): boolean {
      add(...pieces(data), ...(written ? [written] : []));
      return false;
    },
    end(data: string | Uint8Array = ''): Socket {
      add(...pieces(data), end);
      return socket;
    },
    resetAndDestroy(): Socket {
      add(reset);
      return socket;
    },
  });
}
