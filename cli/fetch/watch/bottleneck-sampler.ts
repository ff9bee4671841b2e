import { Bottlenecks, type BottleneckShare, type RunSample } from '../../../src/scheduling/bottleneck.ts';

/** The part of a sample that is not measured here. */
export type Moment = Omit<RunSample, 'busy' | 'cpu'>;

/** Samples a run at intervals, from now on, to find out what limits it. */
export class BottleneckSampler {
  readonly #look: () => Moment | undefined;
  readonly #bottlenecks = new Bottlenecks();
  #sampledAt = performance.now();
  #loop = performance.eventLoopUtilization();
  #cpu = process.cpuUsage();
  #intervalMs = firstIntervalMs;
  #timer = this.#startTimer();

  /** @param look returns the state of the run; undefined if that says nothing about its bottleneck */
  constructor(look: () => Moment | undefined) {
    this.#look = look;
  }

  /** The bottlenecks of the run so far, each with its share of the time, largest first. */
  get shares(): BottleneckShare[] {
    return this.#bottlenecks.shares();
  }

  /** Stops sampling. */
  close(): void {
    clearTimeout(this.#timer);
  }

  #startTimer(): NodeJS.Timeout {
    return setTimeout(() => this.#sample(), this.#intervalMs).unref();
  }

  #sample(): void {
    const now = performance.now();
    const passedMs = now - this.#sampledAt;
    const { utilization } = performance.eventLoopUtilization(this.#loop);
    const { user, system } = process.cpuUsage(this.#cpu);
    const moment = this.#look();
    const cpu = (user + system) / 1000 / passedMs;
    if (moment) this.#bottlenecks.add({ ...moment, busy: utilization, cpu }, passedMs);
    this.#sampledAt = now;
    this.#loop = performance.eventLoopUtilization();
    this.#cpu = process.cpuUsage();
    this.#intervalMs = nextIntervalMs(this.#intervalMs, performance.now() - now);
    this.#timer = this.#startTimer();
  }
}

/** Keeps sampling at about one percent of the time; one slow sample (it may be chance) does not end it for long. */
function nextIntervalMs(intervalMs: number, costMs: number): number {
  return Math.min(maxIntervalMs, Math.max(Math.min(2 * intervalMs, usualIntervalMs), costMs * 100));
}

/** Short at first, so that short runs get some samples too. */
const firstIntervalMs = 10;
const usualIntervalMs = 100;
const maxIntervalMs = 500;
