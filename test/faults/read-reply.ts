/** A reply, as parsed from its bytes. */
export interface ReadReply {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  /** The body, still coded. */
  readonly body: Buffer;
  /** True if the bytes themselves show where the body ends. */
  readonly isFramed: boolean;
}

/**
 * Parses a complete reply (RFC 9112), sharing no code with the client, so that it can check the client. Undefined if
 * the reply is incomplete or not HTTP.
 */
export function readReply(bytes: Buffer): ReadReply | undefined {
  let text = bytes.toString('latin1');
  for (;;) {
    // All known parsers accept line breaks before a status line, and two CRs at its end.
    text = text.replace(/^[\r\n]+/, '').replace(/^(HTTP[^\r\n]*)\r\r/, '$1\r\n');
    const end = text.indexOf('\r\n\r\n');
    const [statusLine = '', ...lines] = text.slice(0, Math.max(0, end)).split('\r\n');
    const status = Number(/^HTTP\/\d\.\d (\d{3})(?: .*)?$/s.exec(statusLine)?.[1]);
    if (end < 0 || !(status >= 100)) return undefined;
    const rest = text.slice(end + 4);
    if (status >= 200) return withBody(status, headersOf(lines), rest);
    text = rest;
  }
}

function headersOf(lines: readonly string[]): Map<string, string> {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).replaceAll(/^[ \t]+|[ \t]+$/g, '');
    headers.set(name, headers.has(name) ? `${headers.get(name)}, ${value}` : value);
  }
  return headers;
}

function withBody(status: number, headers: Map<string, string>, rest: string): ReadReply | undefined {
  const whole = (body: string, isFramed = true): ReadReply => {
    return { status, headers, body: Buffer.from(body, 'latin1'), isFramed };
  };
  if (status === 204 || status === 304) return whole('');
  if (headers.has('transfer-encoding')) {
    const body = headers.get('transfer-encoding')!.toLowerCase() === 'chunked' ? chunksOf(rest) : undefined;
    return body === undefined ? undefined : whole(body);
  }
  const length = headers.get('content-length');
  if (length === undefined) return whole(rest, false);
  return /^\d+$/.test(length) && rest.length >= Number(length) ? whole(rest.slice(0, Number(length))) : undefined;
}

function chunksOf(text: string): string | undefined {
  let body = '';
  for (let at = 0; ;) {
    const line = /^([\da-f]+)(?:;[^\r\n]*)?\r\n/i.exec(text.slice(at));
    if (!line) return undefined;
    at += line[0].length;
    const size = Number.parseInt(line[1]!, 16);
    if (size === 0) return /^(?:[^\r\n]+\r\n)*\r\n/.test(text.slice(at)) ? body : undefined;
    if (text.slice(at + size, at + size + 2) !== '\r\n') return undefined;
    body += text.slice(at, at + size);
    at += size + 2;
  }
}
