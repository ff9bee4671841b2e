import { once } from 'node:events';
import { createServer, type ServerOptions } from 'node:http';
import type { AddressInfo } from 'node:net';
import { bracketed } from './exchange.ts';
import { createRouter } from './router.ts';
import { createRoutes } from './routes.ts';

/** Options of {@link startServer}. */
export interface TestServerOptions {
  /** @default 0 - any free port */
  readonly port?: number;
  /** @default '127.0.0.1' */
  readonly host?: string;
}

/** A running test server; `await using` closes it. */
export interface TestServer extends AsyncDisposable {
  /** The origin, without a trailing slash. */
  readonly url: string;
  readonly port: number;
  /** Number of requests received so far. */
  readonly requests: number;
  /** Closes the server and all its connections. */
  close(): Promise<void>;
}

const settings: ServerOptions = {
  keepAliveTimeout: 65_000,
  // No limits of our own: benchmarks and tests have theirs.
  requestTimeout: 0,
  headersTimeout: 0,
  maxHeaderSize: 131_072,
};

/** Starts the server behind `fetchmany serve`: httpbin-compatible endpoints, and some that fail on purpose. */
export async function startServer({ port = 0, host = '127.0.0.1' }: TestServerOptions = {}): Promise<TestServer> {
  const answer = createRouter(createRoutes());
  let requests = 0;
  // No 'clientError' listener: Node's default answers 400 or 431 (unless a response has begun) and closes the socket.
  const server = createServer(settings, (request, response) => {
    requests += 1;
    answer(request, response);
  });
  server.listen({ port, host, backlog: 4096 });
  await once(server, 'listening');
  // Do not crash for a connection that cannot be accepted (out of file descriptors): the client notices.
  server.on('error', () => {});

  const address = server.address() as AddressInfo;
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => (closed ??= closeNow());

  async function closeNow(): Promise<void> {
    const done = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await done;
  }

  return {
    url: `http://${bracketed(host)}:${address.port}`,
    port: address.port,
    get requests() {
      return requests;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
