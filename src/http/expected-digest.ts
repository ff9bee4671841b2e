/** An algorithm of checksums. */
export type ChecksumAlgorithm = 'md5' | 'sha1' | 'sha256' | 'sha512';

/** A checksum that a body has to have. */
export interface ExpectedDigest {
  readonly algorithm: ChecksumAlgorithm;
  readonly bytes: Uint8Array;
}
