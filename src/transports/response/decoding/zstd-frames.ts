const zstdMagic = 0xfd2fb528;
const skippableMagic = 0x184d2a50;

/** The widths of the fields that must be read, in bytes. Everything between them is skipped. */
const widths = { magic: 4, descriptor: 1, blockHeader: 3, skippableSize: 4 } as const;

/**
 * Finds the ends of zstd frames (RFC 8878 section 3.1) without decoding them, however the bytes are split, because zlib
 * does not always report a body that stops in the middle of a frame.
 */
export class ZstdFrames {
  #next: keyof typeof widths | 'nothing' = 'magic';
  #value = 0;
  #valueBytes = 0;
  #toSkip = 0;
  #hasChecksum = false;

  /**
   * The place where the bytes so far stop: `between` two frames, `inside` one, or `lost` for good if they are not zstd.
   */
  get position(): 'between' | 'inside' | 'lost' {
    if (this.#next === 'nothing') return 'lost';
    return this.#next === 'magic' && this.#valueBytes === 0 && this.#toSkip === 0 ? 'between' : 'inside';
  }

  /** Reads from an offset. Returns the offset after the end of the frame, or the chunk's length if that comes first. */
  advance(chunk: Uint8Array, from: number): number {
    let at = from;
    while (at < chunk.length && this.#next !== 'nothing') {
      if (this.#toSkip > 0) at += this.#skip(chunk.length - at);
      else this.#read(chunk[at++] ?? 0, this.#next);
      if (this.position === 'between') return at;
    }
    return chunk.length;
  }

  #skip(available: number): number {
    const skipped = Math.min(this.#toSkip, available);
    this.#toSkip -= skipped;
    return skipped;
  }

  #read(byte: number, field: keyof typeof widths): void {
    // No shift, which would make the largest sizes negative.
    this.#value += byte * 256 ** this.#valueBytes;
    this.#valueBytes += 1;
    if (this.#valueBytes < widths[field]) return;
    const value = this.#value;
    this.#value = 0;
    this.#valueBytes = 0;
    this.#take(field, value);
  }

  #take(field: keyof typeof widths, value: number): void {
    switch (field) {
      case 'magic':
        this.#next = afterMagic(value);
        break;
      case 'descriptor':
        this.#hasChecksum = (value & 4) !== 0;
        this.#toSkip = headerLength(value);
        this.#next = (value & 8) === 0 ? 'blockHeader' : 'nothing';
        break;
      case 'blockHeader':
        this.#takeBlock(value);
        break;
      case 'skippableSize':
        this.#toSkip = value;
        this.#next = 'magic';
        break;
      default:
        field satisfies never;
    }
  }

  #takeBlock(header: number): void {
    const isLast = (header & 1) !== 0;
    const type = (header >> 1) & 3;
    // An RLE block is one byte, whatever length it unfolds to. Type 3 is reserved.
    this.#toSkip = (type === 1 ? 1 : header >> 3) + (isLast && this.#hasChecksum ? 4 : 0);
    if (type === 3) this.#next = 'nothing';
    else this.#next = isLast ? 'magic' : 'blockHeader';
  }
}

function afterMagic(magic: number): 'descriptor' | 'skippableSize' | 'nothing' {
  if (magic === zstdMagic) return 'descriptor';
  // The last four bits of a skippable frame's magic number are free.
  return magic - (magic % 16) === skippableMagic ? 'skippableSize' : 'nothing';
}

/** The length of window descriptor, dictionary id and content size, which the frame's descriptor byte gives. */
function headerLength(descriptor: number): number {
  const isSingleSegment = (descriptor & 32) !== 0;
  const dictionaryIdLength = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const contentSizeLength = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
  return (isSingleSegment ? 0 : 1) + dictionaryIdLength + contentSizeLength;
}
