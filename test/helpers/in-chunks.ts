/** Splits bytes into chunks of the given sizes, which are used in turn. */
export function inChunks(bytes: Uint8Array, sizes: readonly number[]): Buffer[] {
  const all = Buffer.from(bytes);
  const chunks: Buffer[] = [];
  for (let at = 0; at < all.length;) {
    const size = sizes[chunks.length % sizes.length]!;
    chunks.push(all.subarray(at, at + size));
    at += size;
  }
  return chunks;
}
