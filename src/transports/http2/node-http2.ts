/** Loads `node:http2` at its first use: only HTTP/2 pays for the 5 ms that it takes. */
export function nodeHttp2(): typeof import('node:http2') {
  return process.getBuiltinModule('node:http2');
}

/** The error codes that we tell apart (RFC 9113 section 7). */
export const http2Errors = {
  protocolError: 0x1,
  frameSizeError: 0x6,
  refusedStream: 0x7,
  cancel: 0x8,
  http11Required: 0xd,
} as const;
