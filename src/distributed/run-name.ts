import { randomBytes } from 'node:crypto';
import { BrokerError, BrokerFullError, type Broker } from './broker.ts';
import { pause } from './persist.ts';
import { formatDuration } from '../text/quantity.ts';

/** The parts of a {@link RunName}. */
export interface RunNameParts {
  readonly broker: Broker;
  readonly name: string;
  readonly leaseMs: number;
  readonly onNotice: (message: string) => void;
}

/** The name of a run, which one coordinator has at a time: taken for the length of a lease, and renewed. */
export class RunName {
  readonly #parts: RunNameParts;
  readonly #token = randomBytes(12).toString('hex');
  #renewedAt = -Infinity;
  /** When it was last tried to renew it. */
  #triedAt = -Infinity;

  constructor(parts: RunNameParts) {
    this.#parts = parts;
  }

  /**
   * Waits for the name, as long as an earlier coordinator that was killed would keep it.
   *
   * @throws BrokerError if another coordinator has it, as a rejection
   */
  async take(stop: AbortSignal): Promise<void> {
    const { broker, name, leaseMs, onNotice } = this.#parts;
    const until = performance.now() + leaseMs * 1.5;
    let isTold = false;
    while (!(await broker.lock(this.#token, leaseMs))) {
      if (performance.now() > until || stop.aborted) {
        throw new BrokerError(
          `another run named ${name} is active at ${broker.address}: wait until it ends, or choose another --name`,
        );
      }
      if (!isTold) {
        const waitMs = until - performance.now();
        onNotice(`another coordinator has this run; waiting up to ${formatDuration(waitMs)} for its lease to end`);
      }
      isTold = true;
      await pause(Math.min(1000, leaseMs / 4), stop);
    }
    this.#renewedAt = performance.now();
    this.#triedAt = this.#renewedAt;
  }

  /** Tells whether the name is ours for sure: it was renewed not long ago. */
  isOurs(now: number): boolean {
    return now - this.#renewedAt < this.#parts.leaseMs * (1 - 1 / 8);
  }

  /** Renews the name if it is time to. For long work before {@link keep}; never rejects. */
  renewInTime(): Promise<void> | undefined {
    const isTime = performance.now() - this.#triedAt > this.#parts.leaseMs / 3;
    return isTime ? this.#renew().catch(() => {}) : undefined;
  }

  /** Renews the name until the signal aborts. Rejects once another coordinator has it. */
  async keep(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await pause(this.#parts.leaseMs / 4, signal);
      try {
        await this.#renew();
      } catch (error) {
        // Of a broker that has forgotten the name, and has no room for it, it is taken once it has.
        if (error instanceof BrokerError && !(error instanceof BrokerFullError)) throw error;
      }
    }
  }

  /** Gives the name back, if the broker can be reached. */
  async release(): Promise<void> {
    await this.#parts.broker.unlock(this.#token).catch(() => {});
  }

  async #renew(): Promise<void> {
    const { broker, leaseMs } = this.#parts;
    const sentAt = performance.now();
    this.#triedAt = sentAt;
    if (!(await broker.lock(this.#token, leaseMs))) {
      throw new BrokerError(
        `another coordinator has taken over this run at ${broker.address}; to continue it here, add --resume`,
      );
    }
    this.#renewedAt = sentAt;
  }
}
