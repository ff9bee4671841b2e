/** Finds an array in a JSON document by the keys that lead to it. Keeps nothing of the text before it. */
export class ArrayFinder {
  readonly #path: readonly string[];
  /** Last key of each open object, outermost first. Arrays have no key. */
  readonly #keys: (string | undefined)[] = [];
  #depth = 0;
  #isInString = false;
  #isEscaped = false;
  #string: Buffer[] = [];
  #stringBytes = 0;

  /** @param path keys that lead to the array; empty if the document is the array */
  constructor(path: readonly string[]) {
    this.#path = path;
  }

  /**
   * Reads one more chunk. Returns the position of the array's bracket, or of a brace if the document should be the array
   * but is an object; -1 if neither is in this chunk, and `undefined` if the document is neither.
   */
  find(chunk: Buffer): number | undefined {
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at]!;
      if (this.#isInString) this.#inString(byte);
      else if (byte === quotationMark) this.#beginString();
      else if (byte === colon && this.#depth <= this.#path.length) this.#keys[this.#depth - 1] = this.#takeString();
      else if (byte === openingBracket && this.#isThere()) return at;
      else if (byte === openingBrace && this.#path.length === 0) return at;
      else if (byte === openingBracket || byte === openingBrace) this.#depth += 1;
      else if (byte === closingBracket || byte === closingBrace) this.#close();
      else if (this.#depth === 0 && !isSpace(byte)) return undefined;
    }
    return -1;
  }

  #isThere(): boolean {
    return this.#depth === this.#path.length && this.#path.every((key, at) => this.#keys[at] === key);
  }

  #close(): void {
    this.#depth -= 1;
    this.#keys.length = Math.min(this.#keys.length, Math.max(0, this.#depth));
  }

  #beginString(): void {
    this.#isInString = true;
    this.#string = [];
    this.#stringBytes = 0;
  }

  #inString(byte: number): void {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (byte === backslash) this.#isEscaped = true;
    else if (byte === quotationMark) {
      this.#isInString = false;
      return;
    }
    // A longer string matches no key of a path.
    if (this.#stringBytes < maxKeyBytes) this.#string.push(Buffer.of(byte));
    this.#stringBytes += 1;
  }

  #takeString(): string {
    return this.#stringBytes > maxKeyBytes ? '' : Buffer.concat(this.#string).toString();
  }
}

const maxKeyBytes = 64;
const quotationMark = 0x22;
const backslash = 0x5c;
const colon = 0x3a;
const openingBracket = 0x5b;
const closingBracket = 0x5d;
const openingBrace = 0x7b;
const closingBrace = 0x7d;

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
