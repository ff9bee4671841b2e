const minHosts = 3;
const minSilences = 10;
const firstWaitMs = 1000;
const maxWaitMs = 10_000;

/**
 * Holds every host while our own network is gone: hosts that have answered before fall silent together, and no answer
 * comes in between. One request asks for all, after 1, 2, 4, 8, 10 s. After the patience the hosts are judged one by
 * one. A list of dead hosts does not count, as they have never answered. Times are in milliseconds of one monotonic
 * clock.
 */
export class NetworkHold {
  readonly #patienceMs: number;
  /** Hosts that fell silent since the last answer. */
  readonly #hosts = new Set<string>();
  #silences = 0;
  #state: 'free' | 'held' | 'over' = 'free';
  #heldAt = 0;
  #askAt = 0;
  #waitMs = firstWaitMs;

  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs;
  }

  /** True while no host answers any more. */
  get isHeld(): boolean {
    return this.#state === 'held';
  }

  /** True if a host fell silent since the last answer. */
  get isInDoubt(): boolean {
    return this.#silences > 0;
  }

  /** Milliseconds on the monotonic clock at which the next request asks; undefined while hosts answer. */
  get askAt(): number | undefined {
    return this.isHeld ? this.#askAt : undefined;
  }

  /** Returns the time from which a start is allowed; `Infinity` while the answer to a request in flight decides. */
  openAt(inFlight: number): number {
    if (!this.isHeld) return -Infinity;
    return inFlight === 0 ? this.#askAt : Infinity;
  }

  /** Notes that a host which has answered before did not answer a request sent at `startedAt`. */
  silent(origin: string, now: number, startedAt: number): void {
    if (this.#state === 'over') return;
    this.#silences += 1;
    if (this.#hosts.size < minHosts) this.#hosts.add(origin);
    if (this.isHeld) this.#askAgain(now, startedAt);
    else if (this.#hosts.size >= minHosts && this.#silences >= minSilences) this.#hold(now);
  }

  /** Notes an answer: the network is there. */
  answered(): void {
    this.#hosts.clear();
    this.#silences = 0;
    this.#state = 'free';
    this.#waitMs = firstWaitMs;
  }

  #hold(now: number): void {
    this.#heldAt = now;
    this.#askAt = now + this.#waitMs;
    this.#state = this.#patienceMs > 0 ? 'held' : 'over';
  }

  #askAgain(now: number, startedAt: number): void {
    // An attempt from before the hold says nothing about the network now.
    if (startedAt < this.#heldAt) return;
    this.#waitMs = Math.min(maxWaitMs, this.#waitMs * 2);
    this.#askAt = now + this.#waitMs;
    if (now - this.#heldAt >= this.#patienceMs) this.#state = 'over';
  }
}
