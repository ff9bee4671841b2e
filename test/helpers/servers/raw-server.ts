import { once } from 'node:events';
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';

/** One request head, and its place. */
export interface RawRequest {
  readonly head: string;
  /** The number of its connection, and its own number on that connection; both from 1. */
  readonly connection: number;
  readonly turn: number;
}

/** Answers one request: it may write, end, reset, or do nothing. */
export type RawHandler = (socket: Socket, request: RawRequest) => unknown;

/** A server of bare sockets. `await using` closes it. */
export interface RawServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Every request head, in order of arrival. */
  readonly requests: readonly RawRequest[];
  /** Number of open connections. */
  readonly open: number;
  /** Resolves once no connection is open. */
  deserted(): Promise<void>;
}

/**
 * Starts a server that reads requests (a body is read by its `Content-Length`, and dropped) and lets `answer` do the
 * rest.
 */
export async function rawServer(answer: RawHandler, tls?: TlsOptions): Promise<RawServer> {
  const requests: RawRequest[] = [];
  const sockets = new Set<Socket>();
  let emptied: (() => void)[] = [];
  let connections = 0;

  const onConnection = (socket: Socket): void => {
    connections += 1;
    const connection = connections;
    sockets.add(socket);
    socket.once('close', () => {
      sockets.delete(socket);
      if (sockets.size > 0) return;
      for (const tell of emptied) tell();
      emptied = [];
    });
    // The client may end the connection in any way.
    socket.on('error', () => undefined);
    let unread = Buffer.alloc(0);
    let turn = 0;
    socket.on('data', (chunk) => {
      unread = Buffer.concat([unread, chunk]);
      for (;;) {
        const end = unread.indexOf('\r\n\r\n');
        if (end < 0) return;
        const head = unread.toString('latin1', 0, end);
        const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
        if (unread.length < end + 4 + length) return;
        unread = unread.subarray(end + 4 + length);
        turn += 1;
        const request = { head, connection, turn };
        requests.push(request);
        answer(socket, request);
      }
    });
  };
  const options = { noDelay: true };
  const server: Server = tls
    ? createTlsServer({ ...options, ...tls }, onConnection)
    : createTcpServer(options, onConnection);
  server.on('tlsClientError', () => undefined);
  if (tls) {
    // A TLS socket cannot be reset, but the TCP socket below it can.
    const wires = new Map<number | undefined, Socket>();
    server.on('connection', (wire) => wires.set(wire.remotePort, wire));
    server.prependListener('secureConnection', (socket: Socket) => {
      socket.resetAndDestroy = () => {
        wires.get(socket.remotePort)?.resetAndDestroy();
        return socket;
      };
    });
  }
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    port,
    requests,
    get open() {
      return sockets.size;
    },
    deserted: () => new Promise((resolve) => (sockets.size === 0 ? resolve() : emptied.push(resolve))),
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Writes the bytes, and leaves the connection open. */
export const send =
  (...pieces: readonly (string | Uint8Array)[]): RawHandler =>
  (socket) => {
    for (const piece of pieces) socket.write(typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece);
  };

/** Writes the bytes, then closes in an orderly way (FIN). */
export const sendThenClose =
  (bytes: string | Uint8Array = ''): RawHandler =>
  (socket) =>
    socket.end(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);

/** Writes the bytes, then resets the connection (RST). */
export const sendThenReset =
  (bytes = ''): RawHandler =>
  (socket) =>
    bytes === ''
      ? socket.resetAndDestroy()
      : socket.write(Buffer.from(bytes, 'latin1'), () => socket.resetAndDestroy());

/** Returns a port of 127.0.0.1 without a listener. */
export async function deadPort(): Promise<number> {
  const server = createTcpServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
