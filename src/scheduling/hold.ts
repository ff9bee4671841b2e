const firstWaitMs = 1000;
const maxWaitMs = 10_000;
/** Longest patience with a host that has never answered, in milliseconds, unless the patience is endless. */
const maxPatienceWithStrangerMs = 10_000;
/** A host that is down is asked again this often. */
const probeIntervalMs = 60_000;
/** Failures of requests that were sent when the first failure was known: one bad moment of all slots is not enough. */
const minInformed = 3;
const minSilences = 5;
const minFailures = 20;

/** One attempt that failed. Times are in milliseconds of one monotonic clock. */
export interface HostFailure {
  readonly now: number;
  readonly startedAt: number;
  /** True without any HTTP response; false for a status such as 503. */
  readonly isSilence: boolean;
  /** True for the first attempt of its request. */
  readonly isFirst: boolean;
}

type State = 'free' | 'held' | 'down';

/** A {@link Hold} as plain data. Times are in milliseconds from the moment at which it was saved. */
export interface HoldState {
  readonly hasAnswered: boolean;
  readonly state: State;
  readonly since?: number;
  readonly silences: number;
  readonly statuses: number;
  readonly informed: number;
  readonly tried: number;
  readonly heldAt: number;
  readonly askAt: number;
  readonly waitMs: number;
}

/**
 * Holds a host that has stopped answering: one request at a time asks for it, after 1, 2, 4, 8, 10 s, until one is
 * answered or the patience is over. A host that is down is asked once a minute.
 */
export class Hold {
  readonly #patienceMs: number;
  #hasAnswered: boolean;
  #state: State = 'free';
  /** Milliseconds at which the first failure was known; undefined after an answer. */
  #since: number | undefined;
  #silences = 0;
  #statuses = 0;
  #informed = 0;
  #tried = 0;
  #heldAt = 0;
  #askAt = 0;
  #waitMs = firstWaitMs;
  #waitedMs = 0;

  /** `hasAnswered` tells whether the host has ever answered before its first failure. */
  constructor(patienceMs: number, hasAnswered: boolean) {
    this.#patienceMs = patienceMs;
    this.#hasAnswered = hasAnswered;
  }

  /** True if the host has ever answered. */
  get hasAnswered(): boolean {
    return this.#hasAnswered;
  }

  get isHeld(): boolean {
    return this.#state === 'held';
  }

  get isDown(): boolean {
    return this.#state === 'down';
  }

  /** Requests that failed since the last answer. */
  get tried(): number {
    return this.#tried;
  }

  /** Milliseconds on the monotonic clock at which the first failure since the last answer was known. */
  get since(): number | undefined {
    return this.#since;
  }

  /** Milliseconds for which the host was held before it answered again, all holds together. */
  get waitedMs(): number {
    return this.#waitedMs;
  }

  /** Milliseconds on the monotonic clock at which the next request asks. */
  get askAt(): number {
    return this.#askAt;
  }

  /** Returns the time from which a start is allowed; `Infinity` while the answer to a request in flight decides. */
  openAt(inFlight: number): number {
    if (this.#state === 'free') return -Infinity;
    return inFlight === 0 ? this.#askAt : Infinity;
  }

  /** Tells whether the host is given up at `now`: its requests fail unsent. */
  rejects(now: number): boolean {
    return this.#state === 'down' && now < this.#askAt;
  }

  /** Counts a start. The one request that asks a host that is down is due again in a minute. */
  started(now: number): void {
    if (this.#state === 'down') this.#askAt = now + probeIntervalMs;
  }

  /** Notes a failure. */
  failed({ now, startedAt, isSilence, isFirst }: HostFailure): void {
    if (this.#state === 'down') return;
    this.#tried += 1;
    this.#since ??= now;
    if (isSilence) this.#silences += 1;
    else if (isFirst || this.isHeld) this.#statuses += 1;
    else return;
    if (startedAt >= this.#since) this.#informed += 1;
    if (!this.#isEvident) return;
    if (now - this.#since >= this.#patience) this.giveUp(now);
    else this.#hold(now, startedAt);
  }

  /** Gives the host up at once. */
  giveUp(now: number): void {
    this.#state = 'down';
    this.#askAt = now + probeIntervalMs;
  }

  /** Forgets every failure: the host has answered. */
  answered(now: number): void {
    if (this.isHeld) this.#waitedMs += now - this.#heldAt;
    this.#hasAnswered = true;
    this.#state = 'free';
    this.#since = undefined;
    this.#silences = 0;
    this.#statuses = 0;
    this.#informed = 0;
    this.#tried = 0;
    this.#waitMs = firstWaitMs;
  }

  /** Returns what it knows, for another process. */
  save(now: number): HoldState {
    return {
      hasAnswered: this.#hasAnswered,
      state: this.#state,
      ...(this.#since !== undefined && { since: this.#since - now }),
      silences: this.#silences,
      statuses: this.#statuses,
      informed: this.#informed,
      tried: this.#tried,
      heldAt: this.#heldAt - now,
      askAt: this.#askAt - now,
      waitMs: this.#waitMs,
    };
  }

  /** Goes on with what was saved at a time of the present clock. */
  restore(state: HoldState, savedAt: number): void {
    this.#hasAnswered = state.hasAnswered;
    this.#state = state.state;
    this.#since = state.since === undefined ? undefined : savedAt + state.since;
    this.#silences = state.silences;
    this.#statuses = state.statuses;
    this.#informed = state.informed;
    this.#tried = state.tried;
    this.#heldAt = savedAt + state.heldAt;
    this.#askAt = savedAt + state.askAt;
    this.#waitMs = state.waitMs;
  }

  get #isEvident(): boolean {
    if (this.isHeld) return true;
    const failures = this.#silences + this.#statuses;
    return this.#informed >= minInformed && (this.#silences >= minSilences || failures >= minFailures);
  }

  get #patience(): number {
    // A status shows that something listens there.
    const isStranger = !this.#hasAnswered && this.#statuses === 0;
    const isShort = isStranger && this.#patienceMs < Infinity;
    return isShort ? Math.min(this.#patienceMs, maxPatienceWithStrangerMs) : this.#patienceMs;
  }

  #hold(now: number, startedAt: number): void {
    if (this.isHeld) {
      // An attempt from before the hold says nothing about the host now.
      if (startedAt < this.#heldAt) return;
      this.#waitMs = Math.min(maxWaitMs, this.#waitMs * 2);
    } else {
      this.#state = 'held';
      this.#heldAt = now;
    }
    this.#askAt = now + this.#waitMs;
  }
}
