import { systemClock, type Clock } from '../async/clock.ts';
import { LinkedList, type Entry } from '../collections/linked-list.ts';

/** One value whose time is running. */
export interface Running<T> {
  readonly value: T;
  /** Milliseconds on the monotonic clock. */
  readonly endsAt: number;
  isOver: boolean;
}

/** The handle that {@link TimeLimit.start} returns. */
export type Countdown<T> = Entry<Running<T>>;

/**
 * One time limit for many values, each from its own start. They end in the order of their starts, so one timer serves
 * them all: a timer each would cost more than everything else that is done for a request besides sending it.
 */
export class TimeLimit<T> {
  readonly #limitMs: number;
  readonly #onEnd: (value: T) => void;
  readonly #clock: Clock;
  readonly #running = new LinkedList<Running<T>>();
  #clearTimer: (() => void) | undefined;

  /** `onEnd` is called with each value whose time is up. */
  constructor(limitMs: number, onEnd: (value: T) => void, clock: Clock = systemClock) {
    this.#limitMs = limitMs;
    this.#onEnd = onEnd;
    this.#clock = clock;
  }

  /** Starts the time of a value at `now`, in milliseconds on the monotonic clock. */
  start(value: T, now: number): Countdown<T> {
    const countdown = this.#running.push({ value, endsAt: now + this.#limitMs, isOver: false });
    this.#clearTimer ??= this.#clock.setTimer(this.#check, this.#limitMs);
    return countdown;
  }

  /** Ends a countdown. Does nothing if its time is up already. */
  end(countdown: Countdown<T>): void {
    if (!this.#remove(countdown) || this.#running.size > 0) return;
    this.#clearTimer?.();
    this.#clearTimer = undefined;
  }

  readonly #check = (): void => {
    this.#clearTimer = undefined;
    const now = this.#clock.now();
    for (let first = this.#running.first; first !== undefined; first = this.#running.first) {
      const leftMs = first.value.endsAt - now;
      // A timer may fire a little early: it counts from the beginning of its turn of the event loop.
      if (leftMs >= 1) {
        this.#clearTimer ??= this.#clock.setTimer(this.#check, leftMs);
        return;
      }
      this.#remove(first);
      this.#onEnd(first.value.value);
    }
  };

  #remove(countdown: Countdown<T>): boolean {
    if (countdown.value.isOver) return false;
    countdown.value.isOver = true;
    this.#running.remove(countdown);
    return true;
  }
}
