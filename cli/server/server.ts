import { once } from 'node:events';
import { createServer, type ServerOptions } from 'node:http';
import type { AddressInfo } from 'node:net';
import { bracketed } from './exchange.ts';
import { createRouter } from './router.ts';
import { createRoutes } from './routes.ts';

export interface TestServerOptions {
  /** @default 0 - a free one */
  readonly port?: number;
  /** @default '127.0.0.1' */
  readonly host?: string;
}

/** A running test server; `await using` closes it. */
export interface TestServer extends AsyncDisposable {
  /** The origin, without a slash at its end. */
  readonly url: string;
  readonly port: number;
  /** How many requests have come so far. */
  readonly requests: number;
  /** Cuts all connections; afterwards nothing of the server is left. */
  close(): Promise<void>;
}

const settings: ServerOptions = {
  keepAliveTimeout: 65_000,
  // A benchmark's or a test's own limits are to be seen, not ours.
  requestTimeout: 0,
  headersTimeout: 0,
  maxHeaderSize: 131_072,
};

/** Starts the server behind `fetchmany serve`: httpbin's paths, and faults to fetch against. */
export async function startServer({ port = 0, host = '127.0.0.1' }: TestServerOptions = {}): Promise<TestServer> {
  const answer = createRouter(createRoutes());
  let requests = 0;
  // There is no 'clientError' listener, for Node's own knows whether an answer has begun: 400 or 431, and the end.
  const server = createServer(settings, (request, response) => {
    requests += 1;
    answer(request, response);
  });
  server.listen({ port, host, backlog: 4096 });
  await once(server, 'listening');
  // A connection that cannot be accepted (out of descriptors) is the client's to notice, and no reason to die.
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
