/** The parts of a {@link WorkerNotice}. */
export interface WorkerNoticeParts {
  /** Address of the broker, without a password. */
  readonly address: string;
  /** Name of the run. */
  readonly name: string;
  /** Milliseconds after which a worker that is not heard of is not counted. */
  readonly goneMs: number;
}

/** What there is to say about workers: that none has come yet, or that none is left. */
export class WorkerNotice {
  readonly #parts: WorkerNoticeParts;
  /** When a worker was last heard of, or when we could begin to hear of them; undefined while we cannot. */
  #heardAt: number | undefined;
  /** There was a worker. */
  #hasSeen = false;
  #isTold = false;

  constructor(parts: WorkerNoticeParts) {
    this.#parts = parts;
  }

  /**
   * Looks at the workers. Returns what is to be said, if anything.
   *
   * @param now milliseconds on the monotonic clock
   * @param seenMs milliseconds since each worker was heard of
   */
  look(now: number, seenMs: readonly number[]): string | undefined {
    const newestMs = Math.min(...seenMs);
    this.#heardAt = Math.max(this.#heardAt ?? now, now - newestMs);
    if (newestMs < this.#parts.goneMs) {
      this.#hasSeen = true;
      this.#isTold = false;
      return undefined;
    }
    const waitMs = this.#hasSeen ? this.#parts.goneMs : firstMs;
    if (this.#isTold || now - this.#heardAt < waitMs) return undefined;
    this.#isTold = true;
    return this.#hasSeen ? 'no workers left; waiting for one' : this.#advice();
  }

  /** Notes that the broker cannot be asked: workers may be there, and cannot tell. */
  lose(): void {
    this.#heardAt = undefined;
  }

  #advice(): string {
    const { address, name } = this.#parts;
    const named = name === defaultName ? '' : ` --name ${name}`;
    return `no worker under the name ${name} yet: start one with fetchmany worker --queue ${address}${named}`;
  }
}

/** Milliseconds that the first worker may take to come. */
const firstMs = 5000;
const defaultName = 'fetchmany';
