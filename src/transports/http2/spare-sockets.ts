import type { Socket } from 'node:net';
import type { Connector, ConnectTimings } from '../connect/connector.ts';
import type { Endpoint } from '../connect/endpoint.ts';

/** An unused socket is kept this long. */
const keepMs = 1000;

interface Spare {
  readonly socket: Socket;
  readonly timings: ConnectTimings;
  readonly timer: NodeJS.Timeout;
}

/**
 * Keeps sockets that were opened for HTTP/2 to hosts that turned out to speak HTTP/1.1, which then need not open its
 * own.
 */
export class SpareSockets {
  readonly #spares = new Map<string, Spare>();

  put(destination: Endpoint, socket: Socket, timings: ConnectTimings): void {
    const name = nameOf(destination);
    this.#take(name)?.socket.destroy();
    const timer = setTimeout(() => this.#take(name)?.socket.destroy(), keepMs);
    timer.unref();
    this.#spares.set(name, { socket, timings, timer });
  }

  /** Creates a connector that hands out a spare socket, if there is one, before it opens another. */
  before(connector: Connector): Connector {
    return (destination, connected) => {
      const spare = this.#take(nameOf(destination));
      if (!spare || spare.socket.destroyed) return connector(destination, connected);
      const { socket, timings } = spare;
      let isAwaited = true;
      process.nextTick(() => {
        if (isAwaited) connected(socket, undefined, timings);
        isAwaited = false;
      });
      return () => {
        if (isAwaited) socket.destroy();
        isAwaited = false;
      };
    };
  }

  close(): void {
    for (const name of this.#spares.keys()) this.#take(name)?.socket.destroy();
  }

  #take(name: string): Spare | undefined {
    const spare = this.#spares.get(name);
    clearTimeout(spare?.timer);
    this.#spares.delete(name);
    return spare;
  }
}

function nameOf({ protocol, hostname, port, route }: Endpoint): string {
  return route?.key ?? `${protocol}//${hostname}:${port}`;
}
