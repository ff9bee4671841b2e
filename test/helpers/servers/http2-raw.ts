import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import { loopbackCertificate } from './certificate.ts';
import { Conditions } from './conditions.ts';

/** Error codes (RFC 9113 section 7). */
export const code = {
  noError: 0,
  protocol: 1,
  internal: 2,
  refused: 7,
  cancel: 8,
  calm: 11,
  http1Required: 13,
} as const;

const type = { data: 0, headers: 1, reset: 3, settings: 4, ping: 6, goAway: 7, continuation: 9 } as const;
const flag = { ack: 1, endStream: 1, endHeaders: 4 } as const;
const maxConcurrentStreams = 3;
const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';

/** A hand-made frame (RFC 9113 section 4.1). */
export function frame(kind: number, flags: number, stream: number, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(kind, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/**
 * Encodes header fields in the plainest form of HPACK: literal, not indexed, not compressed (RFC 7541 section 6.2.2).
 */
export function pack(fields: readonly (readonly [name: string, value: string])[]): Buffer {
  return Buffer.concat(fields.flatMap(([name, value]) => [Buffer.from([0]), literal(name), literal(value)]));
}

function literal(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  if (bytes.length < 127) return Buffer.concat([Buffer.from([bytes.length]), bytes]);
  const size = [127];
  let rest = bytes.length - 127;
  for (; rest >= 128; rest = Math.floor(rest / 128)) size.push((rest % 128) + 128);
  return Buffer.concat([Buffer.from([...size, rest]), bytes]);
}

function words(...values: readonly number[]): Buffer {
  const buffer = Buffer.alloc(4 * values.length);
  for (const [at, value] of values.entries()) buffer.writeUInt32BE(value, 4 * at);
  return buffer;
}

/** A request on a hand-made connection, and the ways to answer it. */
export interface RawStream {
  readonly id: number;
  /** The number of its connection, and its own number over all connections; both from 1. */
  readonly connection: number;
  readonly turn: number;
  /** Closes the connection in an orderly way (FIN). */
  close(): void;
  /** Resets the connection (RST). */
  cut(): void;
  /** Writes bytes as they are. */
  raw(...bytes: readonly Uint8Array[]): RawStream;
  /** A response's head, or trailers. */
  headers(fields: Readonly<Record<string, string>>, end?: 'end'): RawStream;
  data(bytes: string | Uint8Array, end?: 'end'): RawStream;
  reset(errorCode: number): RawStream;
  goAway(lastStream: number, errorCode: number): RawStream;
}

/** A server of bare HTTP/2 frames over TLS. `await using` closes it. */
export interface RawHttp2Server extends AsyncDisposable {
  readonly url: string;
  /** Every request, in order of arrival. */
  readonly requests: readonly RawStream[];
  /** The ids of the streams that the client reset, with the code it gave. */
  readonly resets: readonly { readonly id: number; readonly code: number }[];
  /** Connections that were made, and those that are open. */
  readonly connections: { readonly made: number; readonly open: number };
  /** Resolves once the condition holds. It is checked whenever something arrives. */
  until(isTrue: () => boolean): Promise<void>;
}

export interface RawHttp2Options {
  /** Sent in the server's SETTINGS. */
  readonly maxStreams?: number;
  /** The protocol that it accepts (ALPN); over HTTP/1.1 every answer is the same. @default h2 */
  readonly protocols?: readonly string[];
  /** Bytes sent to each connection at once, in place of SETTINGS. */
  readonly greeting?: Uint8Array;
}

/** Starts a server that reads frames, acknowledges SETTINGS and PING, and lets `answer` do the rest. */
export async function rawHttp2(
  answer: (stream: RawStream) => unknown,
  { maxStreams, protocols = ['h2'], greeting }: RawHttp2Options = {},
): Promise<RawHttp2Server> {
  const requests: RawStream[] = [];
  const resets: { id: number; code: number }[] = [];
  const sockets = new Set<TLSSocket>();
  const conditions = new Conditions();
  let made = 0;

  const { cert, key } = await loopbackCertificate();
  const secureContext = createSecureContext({ cert, key });
  const server = createServer({ noDelay: true }, (tcp) => {
    const socket = new TLSSocket(tcp, { isServer: true, secureContext, ALPNProtocols: [...protocols] });
    made += 1;
    const connection = made;
    sockets.add(socket);
    socket.once('close', () => {
      sockets.delete(socket);
      conditions.check();
    });
    // The client may end the connection in any way.
    socket.on('error', () => undefined);
    tcp.on('error', () => undefined);
    const settings = maxStreams === undefined ? Buffer.alloc(0) : setting(maxConcurrentStreams, maxStreams);
    socket.once('secure', () => {
      if (socket.alpnProtocol === 'h2') socket.write(greeting ?? frame(type.settings, 0, 0, settings));
    });
    let unread = Buffer.alloc(0);
    let isGreeted = false;
    socket.on('data', (chunk) => {
      if (socket.alpnProtocol !== 'h2') {
        socket.end('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n1.1');
        return;
      }
      unread = Buffer.concat([unread, chunk]);
      if (!isGreeted) {
        if (unread.length < preface.length) return;
        unread = unread.subarray(preface.length);
        isGreeted = true;
      }
      while (unread.length >= 9) {
        const length = unread.readUIntBE(0, 3);
        if (unread.length < 9 + length) break;
        const [kind, flags, id] = [unread[3]!, unread[4]!, unread.readUInt32BE(5)];
        const payload = unread.subarray(9, 9 + length);
        unread = unread.subarray(9 + length);
        if (kind === type.settings && !(flags & flag.ack)) socket.write(frame(type.settings, flag.ack, 0));
        if (kind === type.ping && !(flags & flag.ack)) socket.write(frame(type.ping, flag.ack, 0, payload));
        // As servers do after an error of their peer.
        if (kind === type.goAway && payload.readUInt32BE(4) !== code.noError) socket.end();
        if (kind === type.reset) resets.push({ id, code: payload.readUInt32BE(0) });
        if (kind === type.headers) {
          const stream = rawStream(socket, tcp, { id, connection, turn: requests.length + 1 });
          requests.push(stream);
          answer(stream);
        }
      }
      conditions.check();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    url: `https://127.0.0.1:${port}`,
    requests,
    resets,
    get connections() {
      return { made, open: sockets.size };
    },
    until: (isTrue) => conditions.until(isTrue),
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function setting(name: number, value: number): Buffer {
  return Buffer.concat([Buffer.from([0, name]), words(value)]);
}

function rawStream(
  socket: TLSSocket,
  tcp: Socket,
  place: { readonly id: number; readonly connection: number; readonly turn: number },
): RawStream {
  const { id } = place;
  const raw = (...bytes: readonly Uint8Array[]): RawStream => {
    socket.write(Buffer.concat(bytes));
    return stream;
  };
  const stream: RawStream = {
    ...place,
    close: () => socket.end(),
    cut: () => tcp.resetAndDestroy(),
    raw,
    headers: (fields, end) =>
      raw(frame(type.headers, flag.endHeaders | (end ? flag.endStream : 0), id, pack(Object.entries(fields)))),
    data: (bytes, end) => raw(frame(type.data, end ? flag.endStream : 0, id, Buffer.from(bytes as string))),
    reset: (errorCode) => raw(frame(type.reset, 0, id, words(errorCode))),
    goAway: (lastStream, errorCode) => raw(frame(type.goAway, 0, 0, words(lastStream, errorCode))),
  };
  return stream;
}
