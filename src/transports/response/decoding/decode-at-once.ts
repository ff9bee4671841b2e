import zlib from 'node:zlib';
import { hasZlibHeader, maxZstdWindow } from './stage.ts';
import { parseContentEncoding, type Coding } from './content-encoding.ts';
import { ZstdFrames } from './zstd-frames.ts';

/** The most that is decoded at once: about a millisecond of work. */
const maxOutputLength = 256 * 1024;

/**
 * Decodes a whole small body in one call, which costs a third of what a stream and a turn of another thread do. Returns undefined if
 * that does not succeed in full: the body is then to be decoded as a stream, which tells what is wrong.
 */
export function decodeAtOnce(contentEncoding: string, bytes: Uint8Array): Uint8Array | undefined {
  const codings = parseContentEncoding(contentEncoding);
  if (typeof codings === 'string' || codings.length !== 1 || bytes.length === 0) return undefined;
  const [coding] = codings;
  if (coding === 'zstd' && !isOneZstdFrame(bytes)) return undefined;
  try {
    const { buffer, engine } = decode(coding!, bytes);
    // Node ignores what follows the coded data.
    return engine.bytesWritten === bytes.length ? buffer : undefined;
  } catch {
    return undefined;
  }
}

interface Decoded {
  readonly buffer: Uint8Array;
  readonly engine: { readonly bytesWritten: number };
}

function decode(coding: Coding, bytes: Uint8Array): Decoded {
  // The types of Node do not know what `info` does.
  const options = { info: true, maxOutputLength } as const;
  return decoderOf(coding, bytes)(bytes, options) as unknown as Decoded;
}

function decoderOf(coding: Coding, bytes: Uint8Array): (bytes: Uint8Array, options: object) => Uint8Array {
  switch (coding) {
    case 'gzip':
      return zlib.gunzipSync;
    case 'deflate':
      return hasZlibHeader(bytes) ? zlib.inflateSync : zlib.inflateRawSync;
    case 'br':
      return zlib.brotliDecompressSync;
    case 'zstd':
      return (frame, options) => zlib.zstdDecompressSync(frame, { ...options, ...maxZstdWindow });
    default:
      return coding satisfies never;
  }
}

/** Node 22 does not tell a truncated frame from a whole one, and drops what follows a frame. */
function isOneZstdFrame(bytes: Uint8Array): boolean {
  const frames = new ZstdFrames();
  return frames.advance(bytes, 0) === bytes.length && frames.position === 'between';
}
