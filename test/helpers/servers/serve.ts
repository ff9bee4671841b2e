import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { Conditions } from './conditions.ts';

/** One request as the server saw it. */
interface Seen {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  /** Time of arrival in milliseconds on the monotonic clock. */
  readonly at: number;
  /** The client's port: equal for all requests on one connection. */
  readonly port: number;
}

/** Answers one request. */
export type Reply = (response: ServerResponse, seen: Seen) => unknown;

/** Replies in turn, the last one for ever; or replies by path, each of which may again be a list. */
export type Script = Reply | readonly Reply[] | { readonly [path: string]: Reply | readonly Reply[] };

/** A loopback server with a script. `await using` closes it. */
export interface ScriptedServer extends AsyncDisposable {
  /** The origin, without a trailing slash. */
  readonly url: string;
  /** Returns the origin under another name, which makes it another host. */
  at(name: string): string;
  /** Every request, in order of arrival. */
  readonly requests: readonly Seen[];
  /** The paths of {@link requests}. */
  readonly paths: string[];
  /** Returns the milliseconds between consecutive requests, to one path or to all. */
  gaps(on?: string): number[];
  /** Returns the largest number of requests in progress at once, over all or to one host name. */
  maxInFlight(host?: string): number;
  /** Connections made so far, and those that are open. */
  readonly connections: { readonly made: number; readonly open: number };
  /** Resolves once that many requests have arrived. */
  seen(count: number): Promise<void>;
  /** Resolves once no connection is open. */
  deserted(): Promise<void>;
}

/** Answers with a status, headers and a body; `Content-Length` is added. */
export function respond(
  status: number,
  headers: Readonly<Record<string, string | readonly string[]>> = {},
  body: string | Uint8Array = '',
): Reply {
  return (response) => {
    response.writeHead(status, { ...headers } as Record<string, string | string[]>);
    response.end(body);
  };
}

/** Delays a reply. */
export const after =
  (ms: number, reply: Reply): Reply =>
  async (response, seen) => {
    await sleep(ms);
    await reply(response, seen);
  };

/** Never answers. */
export const silence: Reply = () => undefined;

/** A reply that waits for `release()`, which answers all requests so far and all later ones. */
export function held(reply: Reply): Reply & { release: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const waiting: Reply = async (response, seen) => {
    await promise;
    await reply(response, seen);
  };
  return Object.assign(waiting, { release: () => resolve() });
}

/** Starts a server on a free port of 127.0.0.1. Any `*.localhost` is a name for it. */
export async function serve(script: Script): Promise<ScriptedServer> {
  const requests: Seen[] = [];
  const conditions = new Conditions();
  const underWay = new Map<string, number>();
  const most = new Map<string, number>();
  const next = scripted(script);
  let made = 0;
  let open = 0;

  function count(host: string, step: 1 | -1): void {
    const now = (underWay.get(host) ?? 0) + step;
    underWay.set(host, now);
    most.set(host, Math.max(most.get(host) ?? 0, now));
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const at = performance.now();
    const name = (request.headers.host ?? '').replace(/:\d+$/, '');
    for (const host of ['', name]) count(host, 1);
    response.once('close', () => {
      for (const host of ['', name]) count(host, -1);
    });
    const { method = '', url: path = '', headers } = request;
    const port = request.socket.remotePort ?? 0;
    // Recorded before its body is read, so that the order is the order of arrival.
    const place = requests.push({ method, path, headers, body: Buffer.alloc(0), at, port }) - 1;
    const reply = next(path);
    const seen: Seen = { ...requests[place]!, body: await buffer(request) };
    requests[place] = seen;
    conditions.check();
    await reply(response, seen);
  }

  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    // The client has disconnected.
    answer(request, response).catch(() => response.destroy());
  });
  server.on('connection', (socket) => {
    made += 1;
    open += 1;
    socket.once('close', () => {
      open -= 1;
      conditions.check();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}`,
    at: (name) => `http://${name}.localhost:${port}`,
    requests,
    get paths() {
      return requests.map(({ path }) => path);
    },
    gaps(on) {
      const times = requests.filter(({ path }) => on === undefined || path === on).map(({ at }) => at);
      return times.slice(1).map((at, index) => at - times[index]!);
    },
    maxInFlight: (host = '') => most.get(host === '' ? '' : `${host}.localhost`) ?? 0,
    get connections() {
      return { made, open };
    },
    seen: (wanted) => conditions.until(() => requests.length >= wanted),
    deserted: () => conditions.until(() => open === 0),
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function scripted(script: Script): (path: string) => Reply {
  if (typeof script === 'function') return () => script;
  if (Array.isArray(script)) {
    const next = inTurn(script as readonly Reply[]);
    return () => next();
  }
  const byPath = new Map(
    Object.entries(script as Readonly<Record<string, Reply | readonly Reply[]>>).map(([path, replies]) => {
      return [path, inTurn([replies].flat())] as const;
    }),
  );
  return (path) => (byPath.get(path) ?? byPath.get('*'))?.() ?? respond(404);
}

function inTurn(replies: readonly Reply[]): () => Reply {
  let turn = 0;
  return () => replies[Math.min(turn++, replies.length - 1)]!;
}
