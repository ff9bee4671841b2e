import { once } from 'node:events';
import {
  createSecureServer,
  type IncomingHttpHeaders,
  type SecureServerOptions,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { loopbackCertificate } from './certificate.ts';
import { Conditions } from './conditions.ts';

/** One request as the server saw it. */
export interface Http2Seen {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** An HTTP/2 server over TLS. `await using` closes it. */
export interface Http2Server extends AsyncDisposable {
  readonly url: string;
  /** Every request, in the order of reading. */
  readonly requests: readonly Http2Seen[];
  /** Sessions that were made, and those that are open. */
  readonly sessions: { readonly made: number; readonly open: number };
  /** The most streams that were open at once. */
  readonly maxInFlight: number;
  /** Resolves once the condition holds. It is checked whenever something changes. */
  until(isTrue: () => boolean): Promise<void>;
}

/** Starts one on a free port of 127.0.0.1; `answer` gets each stream with its request. */
export async function serveHttp2(
  answer: (stream: ServerHttp2Stream, seen: Http2Seen) => unknown,
  options: SecureServerOptions = {},
): Promise<Http2Server> {
  const requests: Http2Seen[] = [];
  const sessions = new Set<ServerHttp2Session>();
  const conditions = new Conditions();
  let made = 0;
  let inFlight = 0;
  let maxInFlight = 0;

  const server = createSecureServer({ ...(await loopbackCertificate()), maxSessionMemory: 1000, ...options });
  server.on('session', (session) => {
    made += 1;
    sessions.add(session);
    // The client may end the connection in any way.
    session.on('error', () => undefined);
    session.once('close', () => {
      sessions.delete(session);
      conditions.check();
    });
  });
  server.on('stream', (stream, headers) => {
    inFlight += 1;
    maxInFlight = Math.max(maxInFlight, inFlight);
    stream.on('error', () => undefined);
    stream.once('close', () => {
      inFlight -= 1;
      conditions.check();
    });
    void buffer(stream)
      .catch(() => Buffer.alloc(0))
      .then((body) => {
        const seen = { path: String(headers[':path']), headers, body };
        requests.push(seen);
        conditions.check();
        if (!stream.destroyed) answer(stream, seen);
      });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    url: `https://127.0.0.1:${port}`,
    requests,
    get sessions() {
      return { made, open: sessions.size };
    },
    get maxInFlight() {
      return maxInFlight;
    },
    until: (isTrue) => conditions.until(isTrue),
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      for (const session of sessions) session.destroy();
      await closed;
    },
  };
}
