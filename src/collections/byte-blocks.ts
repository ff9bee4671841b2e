/** A block for small pieces begins at this size and doubles with the body. */
const minBlockBytes = 1024;
const maxBlockBytes = 64 * 1024;

/**
 * Bytes that arrive in pieces and are wanted whole. However small the pieces are, the memory in use stays below three
 * times the bytes: a piece is copied into a block, unless it fills most of the buffer that it is a view of.
 */
export class ByteBlocks {
  /** Bytes appended so far. */
  length = 0;
  #blocks: Uint8Array[] = [];
  /** The block that is being filled, and how many of its bytes are used. It is not among the others yet. */
  #open: Uint8Array | undefined;
  #used = 0;

  /** Appends a piece. A large one is kept, not copied, so it must not change afterwards. */
  append(piece: Uint8Array): void {
    this.length += piece.length;
    const fillsBuffer = 4 * piece.length >= 3 * piece.buffer.byteLength;
    // A first piece is often the only one.
    if (fillsBuffer && (piece.length >= minBlockBytes || piece.length === this.length)) {
      this.#seal();
      this.#blocks.push(piece);
    } else if (piece.length > 0) {
      this.#copy(piece);
    }
  }

  /** Appends a copy of a piece, which may change afterwards. */
  appendCopy(piece: Uint8Array): void {
    this.length += piece.length;
    if (piece.length > 0) this.#copy(piece);
  }

  /** Returns all bytes, without a copy where they are in one block already. */
  join(): Uint8Array {
    this.#seal();
    return this.#blocks.length === 1 ? this.#blocks[0]! : Buffer.concat(this.#blocks, this.length);
  }

  #copy(piece: Uint8Array): void {
    let from = 0;
    while (from < piece.length) {
      if (this.#open === undefined || this.#used === this.#open.length) this.#add(piece.length - from);
      const count = Math.min(piece.length - from, this.#open!.length - this.#used);
      this.#open!.set(count === piece.length ? piece : piece.subarray(from, from + count), this.#used);
      this.#used += count;
      from += count;
    }
  }

  #add(wantedBytes: number): void {
    this.#seal();
    const size = Math.min(maxBlockBytes, Math.max(minBlockBytes, wantedBytes, this.length));
    // Not from the shared pool: a body that is kept would keep all of the pool's slab.
    this.#open = Buffer.allocUnsafeSlow(size);
  }

  #seal(): void {
    if (this.#used > 0) this.#blocks.push(this.#open!.subarray(0, this.#used));
    this.#open = undefined;
    this.#used = 0;
  }
}
