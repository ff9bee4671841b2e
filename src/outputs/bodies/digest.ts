import { createHash, type Hash } from 'node:crypto';
import { parseDictionary } from 'structured-headers';

/** A checksum that a body has to have. */
export interface ExpectedDigest {
  readonly algorithm: 'sha256' | 'sha512' | 'sha1' | 'md5';
  readonly bytes: Buffer;
}

const digestBytes = { md5: 16, sha1: 20, sha256: 32, sha512: 64 } as const;

/**
 * Reads a checksum as people write it: `sha256:HEX`, `sha256-BASE64` (as Subresource Integrity has it), or bare hexadecimal
 * of an algorithm that is known. Undefined if it is none.
 */
export function parseChecksum(text: string, algorithm?: ExpectedDigest['algorithm']): ExpectedDigest | undefined {
  const named = /^(sha256|sha512|sha1|md5)([:-])(.+)$/i.exec(text.trim());
  const name = (named?.[1]?.toLowerCase() as ExpectedDigest['algorithm'] | undefined) ?? algorithm;
  if (name === undefined) return undefined;
  const value = named?.[3] ?? text.trim();
  const isHex = /^[0-9a-f]+$/i.test(value) && value.length === 2 * digestBytes[name];
  if (!isHex && named?.[2] !== '-') return undefined;
  const bytes = Buffer.from(value, isHex ? 'hex' : 'base64');
  return bytes.length === digestBytes[name] ? { algorithm: name, bytes } : undefined;
}

const headerAlgorithms = new Map<string, ExpectedDigest['algorithm']>([
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
  mismatch(): ExpectedDigest['algorithm'] | undefined {
    return this.#checks.find(({ hash, bytes }) => !hash.digest().equals(bytes))?.algorithm;
  }
}
