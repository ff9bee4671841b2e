/**
 * Drops the header fields that a browser or curl sets for its own connection: those that frame the message, those of
 * HTTP/2 (`:authority`), and `Accept-Encoding`, since we decode what we asked for ourselves.
 */
export function withoutFraming(headers: readonly (readonly [name: string, value: string])[]): [string, string][] {
  return headers
    .filter(([name]) => !name.startsWith(':') && !dropped.has(name.toLowerCase()))
    .map(([name, value]) => [name, value]);
}

const dropped = new Set([
  'host',
  'content-length',
  'transfer-encoding',
  'connection',
  'proxy-connection',
  'keep-alive',
  'upgrade',
  'expect',
  'te',
  'trailer',
  'accept-encoding',
]);
