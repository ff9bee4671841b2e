/**
 * How many lines there will be, going by those that came from as many bytes as have been read. Bytes are counted once
 * their lines have been taken: a chunk that is still being read says nothing yet, so the forecast stands still in between.
 */
export class Forecast {
  readonly #size: number | undefined;
  #lines = 0;
  #linesThen = 0;
  #bytesThen = 0;

  /** @param size how many bytes there are in all; undefined if that is not known */
  constructor(size: number | undefined) {
    this.#size = size;
  }

  /** One line was taken. */
  line(): void {
    this.#lines += 1;
  }

  /** All lines of so many more bytes have been taken. */
  passed(bytes: number): void {
    this.#linesThen = this.#lines;
    this.#bytesThen += bytes;
  }

  /** How many lines there will be; undefined while that cannot be told. Never fewer than there were. */
  get lines(): number | undefined {
    if (this.#size === undefined || this.#linesThen === 0) return undefined;
    const left = Math.max(0, this.#size - this.#bytesThen);
    return Math.max(this.#lines, Math.round(this.#linesThen + (left * this.#linesThen) / this.#bytesThen));
  }
}
