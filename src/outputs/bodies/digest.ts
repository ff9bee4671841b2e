import { createHash, type Hash } from 'node:crypto';
import { parseDictionary } from 'structured-headers';
import { digestBytes } from '../../http/checksum.ts';
import type { ChecksumAlgorithm, ExpectedDigest } from '../../http/expected-digest.ts';

const headerAlgorithms = new Map<string, ChecksumAlgorithm>([
  ['sha-256', 'sha256'],
  ['sha-512', 'sha512'],
]);

/**
 * The digests of a `Repr-Digest` or `Content-Digest` header (RFC 9530). Algorithms other than sha-256 and sha-512 are
 * ignored, and so is a header that does not parse: an unreadable promise is no promise.
 */
export function parseDigestHeader(header: string): ExpectedDigest[] {
  try {
    return [...parseDictionary(header)].flatMap(([name, [value]]) => {
      const algorithm = headerAlgorithms.get(name);
      if (algorithm === undefined || !(value instanceof ArrayBuffer)) return [];
      const bytes = Buffer.from(value);
      return bytes.length === digestBytes[algorithm] ? [{ algorithm, bytes }] : [];
    });
  } catch {
    return [];
  }
}

/** Checks bytes against expected digests while they arrive. */
export class DigestCheck {
  readonly #checks: readonly (ExpectedDigest & { readonly hash: Hash })[];

  constructor(expected: readonly ExpectedDigest[]) {
    this.#checks = expected.map((digest) => ({ ...digest, hash: createHash(digest.algorithm) }));
  }

  update(chunk: Uint8Array): void {
    for (const { hash } of this.#checks) hash.update(chunk);
  }

  /** The first algorithm whose digest is another one; undefined if all are as expected. To be called once. */
  mismatch(): ChecksumAlgorithm | undefined {
    return this.#checks.find(({ hash, bytes }) => !hash.digest().equals(bytes))?.algorithm;
  }
}
