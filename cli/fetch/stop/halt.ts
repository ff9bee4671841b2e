/** A cause that ends a run before its input does. */
export type HaltCause = HaltSignal | 'deadline' | 'max-errors' | 'disk-full' | 'archive';

/** A signal that ends a run. */
export type HaltSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** Milliseconds that running requests get to finish once nothing new starts. */
export const graceMs = 5000;

/** Ends a run early, in two steps: first no new request starts, then the running ones are cancelled. */
export class Halt {
  readonly #stop = new AbortController();
  readonly #cancel = new AbortController();
  readonly #deadlineTimer: NodeJS.Timeout | undefined;
  #graceTimer: NodeJS.Timeout | undefined;
  #cause: HaltCause | undefined;

  /** @param deadlineMs milliseconds from now until running requests are cancelled */
  constructor(deadlineMs: number = Infinity) {
    if (deadlineMs !== Infinity) this.#deadlineTimer = setTimeout(() => this.cancelRunning('deadline'), deadlineMs);
  }

  /** The first cause; undefined while the run goes on. */
  get cause(): HaltCause | undefined {
    return this.#cause;
  }

  /** Aborted once no new request may start. */
  get stop(): AbortSignal {
    return this.#stop.signal;
  }

  /** Aborted once running requests are to be cancelled. */
  get cancel(): AbortSignal {
    return this.#cancel.signal;
  }

  /** Starts no new request from now on, and cancels the running ones after {@link graceMs}. */
  stopStarting(cause: HaltCause): void {
    this.#cause ??= cause;
    this.#stop.abort();
    this.#graceTimer ??= setTimeout(() => this.#cancel.abort(), graceMs);
  }

  /** Starts no new request, and cancels the running ones now. */
  cancelRunning(cause: HaltCause): void {
    this.stopStarting(cause);
    this.#cancel.abort();
  }

  /** Clears the timers. To be called when the run has ended. */
  close(): void {
    clearTimeout(this.#deadlineTimer);
    clearTimeout(this.#graceTimer);
  }
}
