/** A body that is being received and kept. */
export interface BufferedBody {
  /** True while its consumer can do nothing but wait for it. */
  readonly isAwaited: boolean;
  /** Lets it go on, after `grow()` returned `false`. */
  proceed(): void;
}

/**
 * Bounds the bytes of all bodies of a fetcher that are in memory and not yet in the hands of its consumer: those being
 * received, and those of unread results. Beyond the bound, reading pauses.
 *
 * One body that a consumer waits for may always go on, so that nothing waits for ever. The other bodies wait until the
 * consumer has read some results.
 */
export class BodyBudget {
  readonly #maxBytes: number;
  readonly #paused = new Set<BufferedBody>();
  #receivedBytes = 0;
  #unreadBytes: () => number = () => 0;
  /** The one body that goes on beyond the bound. */
  #favored: BufferedBody | undefined;
  #isReviewing = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Counts the bytes of unread results too. */
  countUnread(unreadBytes: () => number): void {
    this.#unreadBytes = unreadBytes;
  }

  get hasRoom(): boolean {
    return this.#receivedBytes + this.#unreadBytes() <= this.#maxBytes;
  }

  /** Adds bytes to a body. Returns false if it must pause until `proceed()`. */
  grow(body: BufferedBody, bytes: number): boolean {
    this.#receivedBytes += bytes;
    if (this.hasRoom || this.#favors(body)) return true;
    this.#paused.add(body);
    return false;
  }

  /** Removes a body with all its bytes: it is complete or of no use. */
  remove(body: BufferedBody, bytes: number): void {
    this.#receivedBytes -= bytes;
    this.#paused.delete(body);
    if (this.#favored === body) this.#favored = undefined;
    this.review();
  }

  /** Lets bodies go on if there is room now, or if a consumer has begun to wait. */
  review(): void {
    if (this.#paused.size === 0 || this.#isReviewing) return;
    this.#isReviewing = true;
    // Later: a parser may be running now, and resuming another body would run it a second time.
    queueMicrotask(() => {
      this.#isReviewing = false;
      this.#proceed();
    });
  }

  #proceed(): void {
    // A copy: a body that goes on may be paused again at once.
    const paused = [...this.#paused];
    for (const body of paused) {
      if (!this.hasRoom && !this.#favors(body)) continue;
      // It may be gone: the one before it may have settled it.
      if (this.#paused.delete(body)) body.proceed();
    }
  }

  #favors(body: BufferedBody): boolean {
    if (this.#favored !== body && this.#favored?.isAwaited) return false;
    this.#favored = body.isAwaited ? body : undefined;
    return body.isAwaited;
  }
}
