/**
 * Estimates the number of lines of an input from the bytes read so far. Bytes are counted once all their lines have
 * been taken, so the estimate changes only between chunks.
 */
export class Forecast {
  readonly #size: number | undefined;
  #lines = 0;
  #linesThen = 0;
  #bytesThen = 0;

  /** @param size total size of the input in bytes; undefined if unknown */
  constructor(size: number | undefined) {
    this.#size = size;
  }

  /** Counts a line that was taken. */
  line(): void {
    this.#lines += 1;
  }

  /** Counts bytes whose lines have all been taken. */
  passed(bytes: number): void {
    this.#linesThen = this.#lines;
    this.#bytesThen += bytes;
  }

  /** Estimated number of lines, never fewer than were taken; undefined while unknown. */
  get lines(): number | undefined {
    if (this.#size === undefined || this.#linesThen === 0) return undefined;
    const left = Math.max(0, this.#size - this.#bytesThen);
    return Math.max(this.#lines, Math.round(this.#linesThen + (left * this.#linesThen) / this.#bytesThen));
  }
}
