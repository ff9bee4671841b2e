import { LinkedList, type Entry } from '../collections/linked-list.ts';

/** A time limit that runs. */
export interface Running<T> {
  readonly value: T;
  readonly endsAt: number;
  isOver: boolean;
}

/** What {@link TimeLimit.start} gives, to stop it by. */
export type Started<T> = Entry<Running<T>>;

/**
 * A time limit that many have, each from its own start. One timer serves them all, as they end in the order they began: a
 * timer for each would cost more than all else that is done with a request besides sending it.
 */
export class TimeLimit<T> {
  readonly #ms: number;
  readonly #onEnd: (value: T) => void;
  readonly #running = new LinkedList<Running<T>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(ms: number, onEnd: (value: T) => void) {
    this.#ms = ms;
    this.#onEnd = onEnd;
  }

  start(value: T, now: number): Started<T> {
    const started = this.#running.push({ value, endsAt: now + this.#ms, isOver: false });
    this.#timer ??= setTimeout(this.#look, this.#ms);
    return started;
  }

  /** Stops one, whether it has ended or not. */
  stop(started: Started<T>): void {
    if (!this.#takeOut(started) || this.#running.size > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  readonly #look = (): void => {
    this.#timer = undefined;
    const now = performance.now();
    for (let first = this.#running.first; first !== undefined; first = this.#running.first) {
      const leftMs = first.value.endsAt - now;
      // A timer may fire a little early, as it counts from when its turn of the event loop began.
      if (leftMs >= 1) {
        this.#timer ??= setTimeout(this.#look, leftMs);
        return;
      }
      this.#takeOut(first);
      this.#onEnd(first.value.value);
    }
  };

  #takeOut(started: Started<T>): boolean {
    if (started.value.isOver) return false;
    started.value.isOver = true;
    this.#running.remove(started);
    return true;
  }
}
