import { createServer, request as sendOn, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import { connect, type Socket } from 'node:net';
import { listening, type Listening } from '../servers/listening.ts';

/** Options of {@link httpProxy}. */
export interface HttpProxyOptions {
  /** Speaks TLS to its clients. */
  readonly tls?: ServerOptions;
  /** `user:password` that it wants. */
  readonly login?: string;
  /** The answer to a CONNECT, in place of a tunnel. */
  readonly answer?: string;
}

/** One request that a proxy got. */
interface ProxyRequest {
  readonly method: string;
  /** `host:port` of a CONNECT, an absolute URL of others. */
  readonly target: string;
  readonly headers: IncomingMessage['headers'];
}

/** A proxy on loopback. Every name leads to 127.0.0.1. `await using` closes it. */
export interface HttpProxy extends Listening {
  readonly url: string;
  readonly requests: readonly ProxyRequest[];
}

/** Starts a proxy that opens tunnels and forwards requests. */
export async function httpProxy({ tls, login, answer }: HttpProxyOptions = {}): Promise<HttpProxy> {
  const requests: ProxyRequest[] = [];
  const wanted = login === undefined ? undefined : `Basic ${Buffer.from(login).toString('base64')}`;

  function isLoggedIn({ method = '', url: target = '', headers }: IncomingMessage): boolean {
    requests.push({ method, target, headers });
    return wanted === undefined || headers['proxy-authorization'] === wanted;
  }

  function forward(request: IncomingMessage, response: ServerResponse): void {
    if (!isLoggedIn(request)) return void response.writeHead(407).end();
    const { port, pathname, search } = new URL(request.url ?? '');
    const { 'proxy-authorization': _login, ...headers } = request.headers;
    const onward = sendOn(
      { host: '127.0.0.1', port, path: pathname + search, method: request.method ?? '', headers },
      (reply) => {
        response.writeHead(reply.statusCode ?? 0, reply.headers);
        reply.pipe(response);
      },
    );
    onward.on('error', () => response.writeHead(503).end());
    request.pipe(onward);
  }

  function tunnel(request: IncomingMessage, client: Socket): void {
    client.on('error', () => undefined);
    if (!isLoggedIn(request)) return void client.end('HTTP/1.1 407 Log in\r\nContent-Length: 0\r\n\r\n');
    if (answer !== undefined) return void client.end(answer);
    const server = connect(Number(request.url?.split(':').at(-1)), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connected\r\nVia: test\r\n\r\n');
      client.pipe(server).pipe(client);
    });
    server.on('error', () => client.end('HTTP/1.1 502 No\r\n\r\n'));
    client.on('close', () => server.destroy());
  }

  const server = tls ? createTlsServer(tls, forward) : createServer(forward);
  server.on('connect', tunnel);
  const base = await listening(server);
  return Object.assign(base, { url: `${tls ? 'https' : 'http'}://127.0.0.1:${base.port}`, requests });
}
