import type { RawHandler, RawRequest } from '../helpers/servers/raw-server.ts';

/** Strings stand for bytes (latin-1). A head that knows no length says so by closing. */
export const unframed = 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n';
export const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
export const empty = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';

/** A head of known length. */
export const sized = (length: number): string => `HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n`;

/** A whole reply with header lines of its own, and a body of known length. */
export function reply(statusLine: string, headers: readonly string[] = [], body: string | Uint8Array = ''): Buffer {
  const bytes = typeof body === 'string' ? Buffer.from(body, 'latin1') : body;
  const head = [`HTTP/1.1 ${statusLine}`, ...headers, `Content-Length: ${bytes.length}`, '', ''].join('\r\n');
  return Buffer.concat([Buffer.from(head, 'latin1'), bytes]);
}

/** A whole 200 with header lines of its own. */
export const okay = (headers: readonly string[], body: string | Uint8Array = 'ok'): Buffer =>
  reply('200 OK', headers, body);

/** A redirect. */
export const to = (location: string, statusLine = '302 Found'): Buffer => reply(statusLine, [`Location: ${location}`]);

/** Writes the first bytes, and then the others for as long as anybody takes them. */
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

/** Writes the first bytes, and then the others at intervals, for ever. */
export const drip =
  (first: string, again: string, everyMs: number): RawHandler =>
  (socket) => {
    const timer = setInterval(() => socket.write(latin1(again)), everyMs);
    socket.once('close', () => clearInterval(timer));
    if (first !== '') socket.write(latin1(first));
  };

/** Says nothing. */
export const silence: RawHandler = () => undefined;

/** One answer for the first request, another for all that follow. */
export const firstThen =
  (first: RawHandler, then: RawHandler): RawHandler =>
  (socket, request) =>
    (request.connection === 1 && request.turn === 1 ? first : then)(socket, request);

/** An answer for each path. */
export const byPath =
  (answers: Readonly<Record<string, RawHandler>>): RawHandler =>
  (socket, request) =>
    answers[targetOf(request)]!(socket, request);

/** The path and query that was asked for. */
export function targetOf({ head }: RawRequest): string {
  return head.split(' ', 2)[1]!;
}

function latin1(bytes: string | Uint8Array): Uint8Array {
  return typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
}
