import type { Socket } from 'node:net';
import type { Connector, ConnectTimings } from '../connect/connector.ts';
import type { Endpoint } from '../connect/endpoint.ts';

/** How long one is kept for whom it is meant. */
const keepMs = 1000;

interface Spare {
  readonly socket: Socket;
  readonly timings: ConnectTimings;
  readonly timer: NodeJS.Timeout;
}

/** Sockets that were opened to speak HTTP/2 to a host that turned out not to: HTTP/1 need not open its own. */
export class SpareSockets {
  readonly #spares = new Map<string, Spare>();

  put(destination: Endpoint, socket: Socket, timings: ConnectTimings): void {
    const name = nameOf(destination);
    this.#take(name)?.socket.destroy();
    const timer = setTimeout(() => this.#take(name)?.socket.destroy(), keepMs);
    timer.unref();
    this.#spares.set(name, { socket, timings, timer });
  }

  /** A connector that gives a spare socket, if there is one, before it opens another. */
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

function nameOf({ protocol, hostname, port }: Endpoint): string {
  return `${protocol}//${hostname}:${port}`;
}
