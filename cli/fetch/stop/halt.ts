/** Why a run ends before its list does. */
export type HaltCause = HaltSignal | 'deadline' | 'max-errors';

/** The signals that end a run. */
export type HaltSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** How long what is in flight has once nothing new starts. */
export const graceMs = 5000;

/** Ends a run early, in two steps: first nothing new starts, then what is in flight is cut off. */
export class Halt {
  readonly #stop = new AbortController();
  readonly #cancel = new AbortController();
  #cause: HaltCause | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** What came first. */
  get cause(): HaltCause | undefined {
    return this.#cause;
  }

  /** Aborted once nothing new may start. */
  get stop(): AbortSignal {
    return this.#stop.signal;
  }

  /** Aborted once what is in flight is to be cut off. */
  get cancel(): AbortSignal {
    return this.#cancel.signal;
  }

  /** Nothing new starts from now on; what is in flight is cut off if it takes too long. */
  stopStarting(cause: HaltCause): void {
    this.#cause ??= cause;
    this.#stop.abort();
    this.#timer ??= setTimeout(() => this.#cancel.abort(), graceMs);
  }

  /** And what is in flight is cut off. */
  cancelRunning(cause: HaltCause): void {
    this.stopStarting(cause);
    this.#cancel.abort();
  }

  /** The run has ended: nothing is left to cut off. */
  over(): void {
    clearTimeout(this.#timer);
  }
}
