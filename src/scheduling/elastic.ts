import { elasticity, Level } from './level.ts';

/** An answer, or an attempt without one, as {@link Elastic} sees it. Times are in milliseconds of one monotonic clock. */
export interface SlotUse {
  readonly now: number;
  /** When the attempt was sent. */
  readonly startedAt: number;
  /** Milliseconds of the slot that the answer took, without the time to connect. */
  readonly ms: number;
  /** True for a sign of too much load: no answer, or a status such as 503. */
  readonly isBad: boolean;
  /** Requests in flight, this one included. */
  readonly inFlight: number;
  /** Requests that wait for a slot. */
  readonly waiting: number;
}

/** The elasticity to settle at. It maximizes Kleinrock's power `throughput^4 / latency`, as 0.8 / (1 - 0.8) is 4. */
const target = 0.8;
const step = 1.3;
const maxStep = 2;

const minAnswersWhileFinding = 12;
const minAnswers = 20;
const maxAnswers = 300;
/** Answers of a comparison after which its noise no longer puts off the decision. */
const maxCompared = 1200;
/** Share of the limit that must be in use for it to hold anything up. */
export const minUsed = 0.75;

/** A slow page counts as so many times the mean at most. */
const maxTimesMean = 3;
const meanWindow = 50;
const usualWindow = 500;

const firstRestMs = 5000;
const maxRestMs = 15_000;
const firstCeilingMs = 10_000;
const maxCeilingMs = 80_000;
/** Share by which the price may change at rest, beside its noise. */
const maxDrift = 0.15;

/** Two limits that are tried in turns. */
interface Comparison {
  readonly lower: Level;
  readonly upper: Level;
}

/** A limit that is kept for a while. */
interface Rest {
  readonly until: number;
  /** The first answers at rest, once there are enough. */
  first: Level | undefined;
  /** How the price last differed: 1 dearer, -1 cheaper, 0 neither. */
  drift: number;
}

type Direction = 'up' | 'down';

/**
 * What an {@link Elastic} has found, as plain data. Times are in milliseconds from the moment at which it was saved. The
 * prices stay behind: those of another process, on another network, cannot be compared with them.
 */
export interface ElasticState {
  /** The limit so far. */
  readonly found: number;
  /** True while it doubles the limit. */
  readonly isFinding: boolean;
  /** Milliseconds for which the limit is still kept; absent while limits are compared. */
  readonly restForMs?: number;
  /** Milliseconds of the last rest, and the limit that was kept. */
  readonly restMs: number;
  readonly restedAt: number;
  /** A limit that a collapse has forbidden to exceed, and for how long still; how long the next one counts at least. */
  readonly ceiling: number;
  readonly ceilingForMs: number;
  readonly ceilingMs: number;
}

/**
 * Learns how many requests a server should have in flight, by one question over and over: if a few more are let in, how much
 * dearer does a success become? The price of a success is the slot time that it takes. With `L` in flight the throughput is
 * `L` / price (J. D. C. Little, 1961), so at an elasticity of 1 more requests bring nothing.
 *
 * It doubles the limit until the elasticity is above the target, goes to the knee, compares neighbouring limits until it is
 * sure, and rests. No latency without load is needed: two limits are compared on the same pages at nearly the same time. It
 * learns only while the limit holds requests up. Time is in the events.
 */
export class Elastic {
  readonly #start: number;
  #max: number;
  #limit: number;
  #found: number;
  /** Doubles the limit, until the first sign of load. */
  #isFinding = true;
  #comparison: Comparison | undefined;
  #rest: Rest | undefined;
  /** The level on trial. */
  #trial: Level;
  #trialAnswers = 0;
  #trialFrom = -Infinity;
  /** Answers of the trial that are still left out: they were sent into the load of the limit before. */
  #unsettled: number;
  #lastMove: Direction | undefined;
  #streak = 0;
  #restMs = firstRestMs;
  #restedAt = 0;

  #answers = 0;
  #meanMs = 0;
  #badShare = 0;
  #usualBadShare = 0;
  #cutAt = -Infinity;
  #ceiling = Infinity;
  #ceilingUntil = -Infinity;
  #ceilingMs = firstCeilingMs / 2;

  /** Begins with `start` requests in flight, and never allows more than `max`. */
  constructor(start: number, max: number) {
    this.#start = Math.min(start, max);
    this.#max = max;
    this.#limit = this.#start;
    this.#found = this.#start;
    this.#trial = new Level(this.#limit);
    this.#unsettled = this.#limit;
    this.#compare(this.#start, this.#start * maxStep, -Infinity);
  }

  /** Requests that may be in flight now. */
  get limit(): number {
    return Math.min(this.#limit, this.#max);
  }

  /** The limit to begin with. */
  get start(): number {
    return Math.min(this.#start, this.#max);
  }

  /** The limit without the trial of a higher one: the result so far. */
  get found(): number {
    return Math.min(this.#found, this.#max);
  }

  /** Changes the greatest limit. */
  setMax(max: number): void {
    this.#max = max;
  }

  /** Begins anew with the first limit at most: the host did not answer for a while. */
  restart(now: number): void {
    const limit = Math.min(this.#start, this.#found);
    this.#isFinding = true;
    this.#lastMove = undefined;
    this.#compare(limit, limit * maxStep, now);
  }

  /** Returns what was found, for another process. */
  save(now: number): ElasticState {
    return {
      found: this.#found,
      isFinding: this.#isFinding,
      ...(this.#rest !== undefined && { restForMs: Math.max(0, this.#rest.until - now) }),
      restMs: this.#restMs,
      restedAt: this.#restedAt,
      ceiling: this.#ceiling,
      ceilingForMs: Math.max(0, this.#ceilingUntil - now),
      ceilingMs: this.#ceilingMs,
    };
  }

  /** Goes on with what another process has saved, at a time of the present clock. */
  restore(state: ElasticState, savedAt: number): void {
    const { found, isFinding, restForMs } = state;
    this.#isFinding = isFinding;
    this.#lastMove = undefined;
    this.#restMs = state.restMs;
    this.#restedAt = state.restedAt;
    this.#ceiling = state.ceiling;
    this.#ceilingUntil = savedAt + state.ceilingForMs;
    this.#ceilingMs = state.ceilingMs;
    if (restForMs === undefined) this.#compare(found, found * (isFinding ? maxStep : step), savedAt);
    else this.#keep(Math.min(found, this.#max), savedAt + restForMs, savedAt);
  }

  /** Learns from an answer. */
  answer(use: SlotUse): void {
    const { now, startedAt, isBad, inFlight, waiting } = use;
    const ms = this.#capped(use.ms);
    this.#noteShare(isBad);
    if (this.#limit > this.#max) return this.#compare(this.#max / step, this.#max, now);
    if (isBad && startedAt >= this.#cutAt && this.#badShare > Math.max(0.5, 0.25 + 2 * this.#usualBadShare))
      return this.#cut(now);
    if (startedAt < this.#trialFrom || waiting === 0 || inFlight < minUsed * this.#limit) return;
    if (this.#unsettled > 0) {
      this.#unsettled -= 1;
      return;
    }
    this.#trial.add(ms, isBad);
    this.#trialAnswers += 1;
    if (this.#trialAnswers < this.#wantedAnswers) return;
    if (this.#rest === undefined) this.#conclude(this.#comparison!, now);
    else this.#look(this.#rest, now);
  }

  get #wantedAnswers(): number {
    const least = this.#isFinding ? minAnswersWhileFinding : minAnswers;
    return Math.min(maxAnswers, Math.max(least, 2 * this.#limit));
  }

  /** One page that takes very long must not decide. */
  #capped(ms: number): number {
    this.#answers += 1;
    const capped = this.#answers === 1 ? ms : Math.min(ms, maxTimesMean * Math.max(this.#meanMs, 1));
    this.#meanMs += (capped - this.#meanMs) / Math.min(meanWindow, this.#answers);
    return capped;
  }

  #noteShare(isBad: boolean): void {
    const bad = isBad ? 1 : 0;
    this.#badShare += (bad - this.#badShare) / Math.min(50, Math.max(16, this.#limit));
    this.#usualBadShare += (bad - this.#usualBadShare) / Math.min(usualWindow, this.#answers);
  }

  /** Lowers the limit at once. What was sent before says nothing more about it. */
  #cut(now: number): void {
    this.#cutAt = now;
    this.#ceiling = Math.max(1, this.#limit - 1);
    this.#ceilingMs = Math.min(maxCeilingMs, 2 * this.#ceilingMs);
    this.#ceilingUntil = now + this.#ceilingMs;
    this.#isFinding = false;
    this.#lastMove = undefined;
    const lower = 0.7 * this.#limit;
    this.#compare(lower, step * lower, now);
  }

  /** The greatest limit at a time. */
  #top(now: number): number {
    return now < this.#ceilingUntil ? Math.min(this.#max, this.#ceiling) : this.#max;
  }

  /** Tries two limits. `known` is one of them that has answers already. */
  #compare(from: number, to: number, now: number, known?: Level): void {
    const top = this.#top(now);
    const low = Math.min(top, Math.max(1, Math.round(from)));
    const high = Math.min(top, Math.max(low + 1, Math.round(to)));
    if (high === low) return this.#restAt(low, now);
    const levelOf = (limit: number): Level => (known?.limit === limit ? known : new Level(limit));
    this.#comparison = { lower: levelOf(low), upper: levelOf(high) };
    this.#rest = undefined;
    this.#found = low;
    this.#try(this.#comparison.lower.answers > 0 ? this.#comparison.upper : this.#comparison.lower, now);
  }

  #try(level: Level, now: number): void {
    this.#trial = level;
    this.#limit = level.limit;
    this.#trialAnswers = 0;
    this.#trialFrom = now;
    this.#unsettled = level.limit;
  }

  #conclude(comparison: Comparison, now: number): void {
    const { lower, upper } = comparison;
    const other = this.#trial === lower ? upper : lower;
    if (other.answers === 0) return this.#try(other, now);
    const { value, error } = elasticity(lower, upper);
    const sure = lower.answers + upper.answers < maxCompared ? error : 0;
    if (value + sure < target) this.#moveUp(upper, now);
    else if (value - sure > target || sure === 0) this.#moveDown(comparison, value, now);
    else this.#try(other, now);
  }

  #moveUp(upper: Level, now: number): void {
    const isAtTop = upper.limit >= this.#top(now);
    if (isAtTop && this.#isFinding) {
      // The last doubling may have gone far beyond the knee.
      this.#isFinding = false;
      return this.#compare(upper.limit / step, upper.limit, now, upper);
    }
    if (this.#lastMove === 'down' || isAtTop) return this.#restAt(upper.limit, now);
    const factor = this.#isFinding ? maxStep : this.#stepOf('up');
    this.#compare(upper.limit, upper.limit * factor, now, upper);
  }

  #moveDown({ lower, upper }: Comparison, value: number, now: number): void {
    if (this.#isFinding) {
      this.#isFinding = false;
      const knee = upper.limit * (lower.limit / upper.limit) ** value;
      const from = Math.min(upper.limit, Math.max(0.7 * lower.limit, knee));
      return this.#compare(from, step * from, now);
    }
    if (this.#lastMove === 'up' || lower.limit === 1) return this.#restAt(lower.limit, now);
    this.#compare(lower.limit / this.#stepOf('down'), lower.limit, now, lower);
  }

  /** Steps in one direction become longer. */
  #stepOf(direction: Direction): number {
    this.#streak = this.#lastMove === direction ? this.#streak + 1 : 1;
    this.#lastMove = direction;
    return Math.min(maxStep, step ** this.#streak);
  }

  #restAt(limit: number, now: number): void {
    const isNear = Math.abs(Math.log(limit / Math.max(1, this.#restedAt))) <= Math.log(step) * 1.01;
    this.#restMs = isNear ? Math.min(maxRestMs, 2 * this.#restMs) : firstRestMs;
    this.#restedAt = limit;
    this.#isFinding = false;
    this.#lastMove = undefined;
    this.#keep(limit, now + this.#restMs, now);
  }

  /** Keeps a limit until a time. */
  #keep(limit: number, until: number, now: number): void {
    this.#comparison = undefined;
    this.#rest = { until, first: undefined, drift: 0 };
    this.#found = limit;
    this.#try(new Level(limit), now);
  }

  /** Compares the price with that at the beginning of the rest. */
  #look(rest: Rest, now: number): void {
    const { limit } = this;
    const present = this.#trial;
    this.#trial = new Level(limit);
    this.#trialAnswers = 0;
    const first = (rest.first ??= present);
    const change = Math.log(present.price / first.price);
    const noise = Math.hypot(present.error, first.error);
    const drift = Math.abs(change) > maxDrift + 3 * noise ? Math.sign(change) : 0;
    const isLasting = drift !== 0 && drift === rest.drift;
    rest.drift = drift;
    if (isLasting) {
      this.#isFinding = drift < 0;
      if (drift > 0) this.#compare(limit / Math.min(4, Math.exp(change)), limit, now);
      else this.#compare(limit, limit * maxStep, now);
    } else if (now >= rest.until) {
      this.#compare(limit, limit * step, now);
    }
  }
}
