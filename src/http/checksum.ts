import type { ChecksumAlgorithm, ExpectedDigest } from './expected-digest.ts';

/** Bytes of a digest. */
export const digestBytes: Readonly<Record<ChecksumAlgorithm, number>> = { md5: 16, sha1: 20, sha256: 32, sha512: 64 };

/**
 * Reads a checksum as people write it: `sha256:HEX`, or `sha256-BASE64` as Subresource Integrity has it. Undefined if it is none.
 */
export function parseChecksum(text: string): ExpectedDigest | undefined {
  const [, name = '', mark, value = ''] = /^(sha256|sha512|sha1|md5)([:-])(.+)$/i.exec(text.trim()) ?? [];
  const algorithm = name.toLowerCase() as ChecksumAlgorithm;
  const isHex = /^[0-9a-f]+$/i.test(value) && value.length === 2 * digestBytes[algorithm];
  if (!isHex && mark !== '-') return undefined;
  const bytes = Buffer.from(value, isHex ? 'hex' : 'base64');
  return bytes.length === digestBytes[algorithm] ? { algorithm, bytes } : undefined;
}

/** Reads checksums that are separated by blanks; undefined if there is none, or one of them cannot be read. */
export function parseChecksums(text: string): readonly ExpectedDigest[] | undefined {
  const digests = text.trim().split(/\s+/).map(parseChecksum);
  return digests.every((digest) => digest !== undefined) ? digests : undefined;
}
