import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** One request as the sites saw it. */
interface Visit {
  /** Name of the host, without `.localhost`. */
  readonly host: string;
  readonly path: string;
  /** Milliseconds on the monotonic clock. */
  readonly at: number;
  /** The process that sent it; undefined if it is none of those that are watched. */
  readonly pid: number | undefined;
}

/** Many hosts on one loopback server, that count what reaches them. `await using` closes it. */
export interface Sites extends AsyncDisposable {
  readonly visits: readonly Visit[];
  /** Returns a URL: `http://{host}.localhost:PORT{path}`. */
  url(host: string, path: string): string;
  /** Most requests in flight to one host at once. */
  readonly most: number;
  /** Processes whose requests are told apart. */
  readonly watched: Set<number>;
  /** Returns consecutive visits of a host by different processes. */
  changes(): (readonly [Visit, Visit])[];
}

/** Replies to a request; returns false to leave that to the sites: status 200 after `delayMs`. */
export type SiteReply = (request: IncomingMessage, response: ServerResponse, host: string) => boolean;

export async function startSites(delayMs: number, reply: SiteReply = () => false): Promise<Sites> {
  const visits: Visit[] = [];
  const inFlight = new Map<string, number>();
  const watched = new Set<number>();
  const owners = new WeakMap<Socket, number | undefined>();
  let most = 0;

  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    const host = (request.headers.host ?? '').replace(/\.localhost:\d+$/, '');
    const pid = owners.get(request.socket);
    visits.push({ host, path: request.url ?? '', at: performance.now(), pid });
    const now = (inFlight.get(host) ?? 0) + 1;
    inFlight.set(host, now);
    most = Math.max(most, now);
    let isOpen = true;
    const leave = (): void => {
      if (isOpen) inFlight.set(host, inFlight.get(host)! - 1);
      isOpen = false;
    };
    response.on('close', leave);
    setTimeout(() => {
      // Counted out before the client can know, and send the next one.
      leave();
      if (!reply(request, response, host)) response.end('a page');
    }, delayMs);
  });
  server.on('connection', (socket) => owners.set(socket, watched.size === 0 ? undefined : ownerOf(socket, watched)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    visits,
    watched,
    get most() {
      return most;
    },
    url: (host, path) => `http://${host}.localhost:${port}${path}`,
    changes() {
      const last = new Map<string, Visit>();
      const changes: (readonly [Visit, Visit])[] = [];
      for (const visit of visits) {
        const before = last.get(visit.host);
        // The process is unknown if it had closed the connection already.
        if (visit.pid === undefined) continue;
        if (before !== undefined && before.pid !== visit.pid) changes.push([before, visit]);
        last.set(visit.host, visit);
      }
      return changes;
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Finds the process at the other end of a loopback connection, among some or all. */
export function ownerOf(socket: Socket, pids: Iterable<number> = allPids()): number | undefined {
  const [port, own] = [socket.remotePort, socket.localPort].map((number) =>
    (number ?? 0).toString(16).toUpperCase().padStart(4, '0'),
  );
  const line = readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((text) => text.trim().split(/\s+/))
    .find(([, local, remote, state]) => state === '01' && local?.endsWith(`:${port}`) && remote?.endsWith(`:${own}`));
  const inode = line?.[9];
  return [...pids].find((pid) => socketsOf(pid).includes(`socket:[${inode}]`));
}

function allPids(): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0);
}

function socketsOf(pid: number): string[] {
  try {
    const folder = `/proc/${pid}/fd`;
    return readdirSync(folder).map((name) => {
      try {
        return readlinkSync(`${folder}/${name}`);
      } catch {
        return '';
      }
    });
  } catch {
    return [];
  }
}
