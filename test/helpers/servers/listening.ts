import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';

/** A server on a free port of 127.0.0.1. `await using` closes it. */
export interface Listening extends AsyncDisposable {
  readonly port: number;
  /** Connections made so far, and those that are open, even before the TLS handshake. */
  readonly connections: { readonly made: number; readonly open: number };
}

/** Makes a server listen, and counts its connections. */
export async function listening(server: Server): Promise<Listening> {
  const sockets = new Set<Socket>();
  let made = 0;
  server.on('connection', (socket: Socket) => {
    made += 1;
    sockets.add(socket);
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
  });
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return { made, open: sockets.size };
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
