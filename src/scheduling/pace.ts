/** A {@link Pace} as plain data. Times are in milliseconds from the moment at which it was saved. */
export interface PaceState {
  readonly perSecond: number;
  readonly measuredPerSecond: number;
  readonly usedUpAt: number;
  readonly served: number;
  readonly isAsking: boolean;
  readonly askAt: number;
  readonly waitMs: number;
  readonly askingSince: number;
  readonly waitedMs: number;
  readonly orderedMs: number;
  readonly dueAt: number;
  readonly isBold: boolean;
  readonly step: number;
  readonly stepAt: number;
  readonly startsSinceStep: number;
}

/** Starts per second grow in steps while nothing is refused. */
interface Growth {
  /** Share by which the first step raises the rate; each further step doubles it. */
  readonly firstStep: number;
  readonly minIntervalMs: number;
  readonly minStarts: number;
}

const maxStep = 0.5;
const carefully: Growth = { firstStep: 0.01, minIntervalMs: 2000, minStarts: 10 };
const boldly: Growth = { firstStep: maxStep, minIntervalMs: 500, minStarts: 5 };

const firstWaitMs = 500;
const minWaitMs = 100;
const maxWaitMs = 60_000;
/** Longest wait where the refusals may as well be an outage, unless starts are further apart than that. */
const maxOutageWaitMs = 10_000;
const waitGrowth = 1.5;
/** Share of a period that may pass in waiting before its throughput is only a lower bound of the limit. */
const maxWaitedShare = 0.2;

/**
 * The rate at which a server serves us, learned from its refusals. The requests served between two moments at which a
 * limit was found used up are what the limit allows, whatever its kind: a window, a bucket or a share of capacity.
 *
 * After a refusal one request at a time asks, less and less often, until one is served. Times are arguments, in
 * milliseconds of one monotonic clock.
 */
export class Pace {
  readonly #patienceMs: number;
  /** Starts per second; `Infinity` before the first measurement. */
  #perSecond = Infinity;
  #measuredPerSecond = Infinity;
  /** Only answers to requests that were sent at this time or later say something new. */
  #episodeAt = -Infinity;
  #usedUpAt = -Infinity;
  #served = 0;
  #isAsking = false;
  #askAt = 0;
  #waitMs = firstWaitMs;
  #askingSince = 0;
  #waitedMs = 0;
  /** Time ordered by the server since the last success; it does not count against its patience. */
  #orderedMs = 0;
  #dueAt = 0;
  #growth = boldly;
  #step = 0;
  #stepAt = 0;
  #startsSinceStep = 0;

  /** A host that refuses everything is asked for `patienceMs`. */
  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs;
  }

  /** Starts per second that were learned; `Infinity` if none was yet. */
  get perSecond(): number {
    return this.#perSecond;
  }

  /**
   * Requests per second that were served between the last two refusals; `Infinity` before the second. Unlike the rate of starts,
   * which grows until the next refusal, it is near the limit of the server.
   */
  get measuredPerSecond(): number {
    return this.#measuredPerSecond;
  }

  /** Milliseconds on the monotonic clock since which nothing but refusals came; undefined while requests are served. */
  get refusedSince(): number | undefined {
    return this.#isAsking ? this.#askingSince : undefined;
  }

  /** True from a refusal until a request is served again. */
  get isAsking(): boolean {
    return this.#isAsking;
  }

  /** Returns the time from which a start is allowed; `Infinity` while the answer to a request in flight decides. */
  openAt(inFlight: number): number {
    if (!this.#isAsking) return this.#dueAt;
    return inFlight === 0 ? this.#askAt : Infinity;
  }

  /** Counts a start. */
  started(now: number): void {
    if (this.#perSecond === Infinity) return;
    this.#startsSinceStep += 1;
    // The request that asks takes its place in the rate, too: a bucket of one is empty after it.
    this.#dueAt = Math.max(this.#isAsking ? now : this.#dueAt, now) + 1000 / this.#perSecond;
  }

  /**
   * Notes a refusal of a request sent at `startedAt`. `orderedMs` is the wait the server ordered; 0 for none. `mayBeOutage` asks
   * every 10 s at least.
   */
  refused(now: number, startedAt: number, orderedMs: number, mayBeOutage = false): void {
    if (startedAt < this.#episodeAt) return;
    this.#episodeAt = now;
    const mostMs = mayBeOutage ? Math.min(maxWaitMs, Math.max(maxOutageWaitMs, 1000 / this.#perSecond)) : maxWaitMs;
    if (this.#isAsking) this.#waitMs = Math.min(mostMs, this.#waitMs * waitGrowth);
    else this.#beginAsking(now);
    this.#orderedMs += orderedMs;
    this.#askAt = orderedMs > 0 ? now + orderedMs : this.#nextAskAt(now);
  }

  /** Notes an answer that is no refusal. */
  served(now: number, startedAt: number): void {
    if (startedAt < this.#episodeAt) return;
    this.#served += 1;
    if (this.#isAsking) this.#endAsking(now);
    else this.#growIfDue(now);
  }

  /** Tells whether nothing was served for the whole patience. Waits that the server ordered do not count. */
  isHopeless(now: number): boolean {
    return this.#isAsking && now >= this.#askingSince + this.#orderedMs + this.#patienceMs;
  }

  /** Returns what it has learned, for another process. */
  save(now: number): PaceState {
    return {
      perSecond: this.#perSecond,
      measuredPerSecond: this.#measuredPerSecond,
      usedUpAt: this.#usedUpAt - now,
      served: this.#served,
      isAsking: this.#isAsking,
      askAt: this.#askAt - now,
      waitMs: this.#waitMs,
      askingSince: this.#askingSince - now,
      waitedMs: this.#waitedMs,
      orderedMs: this.#orderedMs,
      dueAt: this.#dueAt - now,
      isBold: this.#growth === boldly,
      step: this.#step,
      stepAt: this.#stepAt - now,
      startsSinceStep: this.#startsSinceStep,
    };
  }

  /** Goes on with what was saved at a time of the present clock. */
  restore(state: PaceState, savedAt: number): void {
    this.#perSecond = state.perSecond;
    this.#measuredPerSecond = state.measuredPerSecond;
    this.#usedUpAt = savedAt + state.usedUpAt;
    this.#served = state.served;
    this.#isAsking = state.isAsking;
    this.#askAt = savedAt + state.askAt;
    this.#waitMs = state.waitMs;
    this.#askingSince = savedAt + state.askingSince;
    this.#waitedMs = state.waitedMs;
    this.#orderedMs = state.orderedMs;
    this.#dueAt = savedAt + state.dueAt;
    this.#growth = state.isBold ? boldly : carefully;
    this.#step = state.step;
    this.#stepAt = savedAt + state.stepAt;
    this.#startsSinceStep = state.startsSinceStep;
  }

  /** The patience ends with a last request, not in the middle of a wait. */
  #nextAskAt(now: number): number {
    const endsAt = this.#askingSince + this.#orderedMs + this.#patienceMs;
    const askAt = now + this.#waitMs;
    return now < endsAt ? Math.min(askAt, endsAt) : askAt;
  }

  #beginAsking(now: number): void {
    if (this.#usedUpAt > -Infinity) this.#measure(now);
    this.#usedUpAt = now;
    this.#served = 0;
    this.#waitedMs = 0;
    this.#orderedMs = 0;
    this.#askingSince = now;
    this.#isAsking = true;
    this.#waitMs = this.#perSecond === Infinity ? firstWaitMs : Math.max(minWaitMs, 1000 / this.#perSecond);
  }

  #measure(now: number): void {
    const periodMs = Math.max(1, now - this.#usedUpAt);
    this.#measuredPerSecond = (1000 * this.#served) / periodMs;
    const measured = 0.98 * this.#measuredPerSecond;
    const isSure = this.#waitedMs < maxWaitedShare * periodMs;
    this.#perSecond =
      this.#perSecond === Infinity
        ? measured
        : Math.max(this.#perSecond / 2, Math.min(0.97 * this.#perSecond, measured));
    this.#growth = isSure ? carefully : boldly;
    this.#step = this.#growth.firstStep;
  }

  #endAsking(now: number): void {
    this.#isAsking = false;
    this.#waitedMs += now - this.#askingSince;
    this.#stepAt = now;
    this.#startsSinceStep = 0;
  }

  #growIfDue(now: number): void {
    const { minIntervalMs, minStarts } = this.#growth;
    if (this.#perSecond === Infinity || this.#startsSinceStep < minStarts) return;
    if (now - this.#stepAt < minIntervalMs) return;
    this.#perSecond *= 1 + this.#step;
    this.#step = Math.min(maxStep, this.#step * 2);
    this.#stepAt = now;
    this.#startsSinceStep = 0;
  }
}
