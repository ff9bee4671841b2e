/**
 * Estimates the number of entries of a list from its size and the bytes that were read. A chunk counts once all of its
 * entries have been taken: until then it says nothing about their average length.
 */
export class Forecast {
  readonly #size: number | undefined;
  #lines = 0;
  #linesThen = 0;
  #bytesThen = 0;

  /** @param size bytes of the whole list; `undefined` if not known */
  constructor(size: number | undefined) {
    this.#size = size;
  }

  /** Counts one entry. */
  line(): void {
    this.#lines += 1;
  }

  /** Counts the bytes of a chunk whose entries have all been taken. */
  passed(bytes: number): void {
    this.#linesThen = this.#lines;
    this.#bytesThen += bytes;
  }

  /** Estimated number of entries, never less than the number so far; `undefined` until a chunk has been read. */
  get lines(): number | undefined {
    if (this.#size === undefined || this.#linesThen === 0) return undefined;
    const left = Math.max(0, this.#size - this.#bytesThen);
    return Math.max(this.#lines, Math.round(this.#linesThen + (left * this.#linesThen) / this.#bytesThen));
  }
}
