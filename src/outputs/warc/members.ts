import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { crc32, createDeflateRaw, deflateRaw } from 'node:zlib';

/** Bytes of the header of a member. */
export const headerBytes = 24;

/**
 * The header of a gzip member (RFC 1952) of so many bytes in all. Its extra field `fm` holds that length, so that the members of a
 * file are found without inflating them; 0 marks a member that is still being written.
 */
export function memberHeader(length: number): Buffer {
  const header = Buffer.alloc(headerBytes);
  header.set([0x1f, 0x8b, deflateMethod, hasExtraField, 0, 0, 0, 0, 0, unknownSystem]);
  header.writeUInt16LE(12, 10);
  header.write('fm', 12, 'latin1');
  header.writeUInt16LE(8, 14);
  header.writeBigUInt64LE(BigInt(length), 16);
  return header;
}

const deflateMethod = 8;
const hasExtraField = 4;
const unknownSystem = 255;

/** Reads a header of ours: the length of its member. Undefined if these bytes cannot be the start of one. */
export function memberLength(header: Uint8Array): number | undefined {
  const fixed = memberHeader(0).subarray(0, 16);
  const bytes = Buffer.from(header.buffer, header.byteOffset, header.length);
  const common = Math.min(bytes.length, fixed.length);
  if (!bytes.subarray(0, common).equals(fixed.subarray(0, common))) return undefined;
  // A header that is cut belongs to a member that is not whole.
  return bytes.length < headerBytes ? 0 : Number(bytes.readBigUInt64LE(16));
}

const deflate = promisify(deflateRaw);

/** Makes a member of bytes that are at hand. */
export async function packMember(bytes: Uint8Array): Promise<Buffer> {
  const packed = await deflate(bytes);
  const length = headerBytes + packed.length + trailerBytes;
  return Buffer.concat([memberHeader(length), packed, memberTrailer(crc32(bytes), bytes.length)], length);
}

/** Yields the pieces of a member that follow its header, in bounded memory. */
export async function* packPieces(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, void, undefined> {
  const packer = createDeflateRaw();
  let checksum = 0;
  let length = 0;
  const feeding = pipeline(counted(), packer);
  // It is awaited at the end; until then its rejection must not count as unhandled.
  feeding.catch(() => {});
  for await (const piece of packer) yield piece as Buffer;
  await feeding;
  yield memberTrailer(checksum, length);

  async function* counted(): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const piece of pieces) {
      checksum = crc32(piece, checksum);
      length += piece.length;
      yield piece;
    }
  }
}

const trailerBytes = 8;

function memberTrailer(checksum: number, length: number): Buffer {
  const trailer = Buffer.alloc(trailerBytes);
  trailer.writeUInt32LE(checksum, 0);
  trailer.writeUInt32LE(length % 2 ** 32, 4);
  return trailer;
}
