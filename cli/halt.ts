/** Why a run ends before its list does. */
export type HaltCause = 'SIGINT' | 'SIGTERM' | 'deadline';

/** Ends a run early, in two steps: first nothing new starts, then what is in flight is cut off. */
export class Halt {
  readonly #stop = new AbortController();
  readonly #cancel = new AbortController();
  #cause: HaltCause | undefined;

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

  /** Nothing new starts from now on. */
  stopStarting(cause: HaltCause): void {
    this.#cause ??= cause;
    this.#stop.abort();
  }

  /** And what is in flight is cut off. */
  cutOff(cause: HaltCause): void {
    this.stopStarting(cause);
    this.#cancel.abort();
  }
}
