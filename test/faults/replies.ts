import type { RawHandler, RawRequest } from '../helpers/servers/raw-server.ts';

/** A head without a length: the body ends with the connection. Strings are bytes (latin-1). */
export const unframed = 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n';
export const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
export const empty = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';

/** A head with a length. */
export const sized = (length: number): string => `HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n`;

/** A complete reply with the given header lines, and a body of known length. */
export function reply(statusLine: string, headers: readonly string[] = [], body: string | Uint8Array = ''): Buffer {
  const bytes = typeof body === 'string' ? Buffer.from(body, 'latin1') : body;
  const head = [`HTTP/1.1 ${statusLine}`, ...headers, `Content-Length: ${bytes.length}`, '', ''].join('\r\n');
  return Buffer.concat([Buffer.from(head, 'latin1'), bytes]);
}

/** A complete 200 with the given header lines. */
export const okay = (headers: readonly string[], body: string | Uint8Array = 'ok'): Buffer =>
  reply('200 OK', headers, body);

/** A redirect. */
export const to = (location: string, statusLine = '302 Found'): Buffer => reply(statusLine, [`Location: ${location}`]);

/** Writes the first bytes, then the others again and again while the client reads. */
export const pour =
  (first: string | Uint8Array, again: string | Uint8Array): RawHandler =>
  (socket) => {
    const more = (): void => {
      while (socket.writable && socket.write(latin1(again)));
    };
    socket.write(latin1(first));
    socket.on('drain', more);
    more();
  };

/** Writes the first bytes, then the others at intervals, for ever. */
export const drip =
  (first: string, again: string, everyMs: number): RawHandler =>
  (socket) => {
    const timer = setInterval(() => socket.write(latin1(again)), everyMs);
    socket.once('close', () => clearInterval(timer));
    if (first !== '') socket.write(latin1(first));
  };

/** Never answers. */
export const silence: RawHandler = () => undefined;

/** One answer for the first request, another for all later ones. */
export const firstThen =
  (first: RawHandler, then: RawHandler): RawHandler =>
  (socket, request) =>
    (request.connection === 1 && request.turn === 1 ? first : then)(socket, request);

/** An answer for each path. */
export const byPath =
  (answers: Readonly<Record<string, RawHandler>>): RawHandler =>
  (socket, request) =>
    answers[targetOf(request)]!(socket, request);

/** Returns the requested path and query. */
export function targetOf({ head }: RawRequest): string {
  return head.split(' ', 2)[1]!;
}

function latin1(bytes: string | Uint8Array): Uint8Array {
  return typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
}
