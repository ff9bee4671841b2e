import { requireInteger } from '../check.ts';
import { LinkedList } from '../collections/linked-list.ts';
import { requireJob, type Job } from './job.ts';
import { waitIn, type TurnOptions, type WaitingLine } from './waiting-line.ts';

/** A place in a {@link Semaphore}. `using permit = await semaphore.acquire()` releases it at the end of the block. */
export interface Permit extends Disposable {
  /** Gives the place to the longest wait. Has no effect the second time. */
  release(): void;
}

/**
 * Lets a fixed number of callers pass at once; the others wait, and the longest wait passes first.
 *
 * @example
 * ```ts
 * const semaphore = new Semaphore(5);
 * const pages = await Promise.all(urls.map((url) => semaphore.run((signal) => load(url, signal))));
 * ```
 */
export class Semaphore {
  readonly #waiting: WaitingLine<void> = new LinkedList();
  #available: number;

  /** @throws TypeError or RangeError if `permits` is not an integer of at least 1 */
  constructor(permits: number) {
    this.#available = requireInteger('create semaphore', 'permits', permits, 1);
  }

  /** Callers that would pass without waiting. */
  get available(): number {
    return this.#available;
  }

  /**
   * Waits for a place. Release it in a `finally` block, or with `using`.
   *
   * @throws the signal's reason if it aborts first
   */
  async acquire({ signal }: TurnOptions = {}): Promise<Permit> {
    signal?.throwIfAborted();
    if (this.#available > 0) this.#available -= 1;
    else await waitIn(this.#waiting, {}, signal);
    let isHeld = true;
    const release = (): void => {
      if (!isHeld) return;
      isHeld = false;
      this.#releaseOne();
    };
    return { release, [Symbol.dispose]: release };
  }

  /**
   * Waits for a place, runs a job in it, and releases it however the job ends.
   *
   * @throws TypeError if `job` is not a function; the signal's reason if it aborts before the job starts; the error of
   *   the job
   */
  async run<T>(job: Job<T>, { signal = new AbortController().signal }: TurnOptions = {}): Promise<T> {
    requireJob('job', job);
    const permit = await this.acquire({ signal });
    try {
      return await job(signal);
    } finally {
      permit.release();
    }
  }

  /** Gives the place to the longest wait directly, so that a new caller cannot overtake it. */
  #releaseOne(): void {
    const waiter = this.#waiting.shift();
    if (waiter === undefined) this.#available += 1;
    else waiter.value.resolve();
  }
}
