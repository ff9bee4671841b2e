import { serverOfEarlierRun, type Broker, type RunState } from './broker.ts';
import { persist } from './persist.ts';

/** The parts of an {@link Announcement}. */
export interface AnnouncementParts {
  readonly broker: Broker;
  /** The run, with the server that it begins on. */
  readonly run: RunState;
  /** Milliseconds on the monotonic clock before which nothing is handed out. */
  readonly holdUntil: number;
  /**
   * Where workers may be at work that the server knows nothing of: what is announced in place of the server until
   * `holdUntil` is over, and it is accepted.
   */
  readonly heldServer: string | undefined;
  readonly onNotice: (message: string) => void;
}

/**
 * The run as its workers are told of it: its state, and the server that it is on. A server that was replaced or emptied
 * may have forgotten claims; it is accepted after one lease, in which every owner finds out.
 */
export class Announcement {
  readonly #parts: AnnouncementParts;
  #run: RunState;
  #holdUntil: number;
  #isHeld: boolean;

  constructor(parts: AnnouncementParts) {
    this.#parts = parts;
    this.#run = parts.run;
    this.#holdUntil = parts.holdUntil;
    this.#isHeld = parts.heldServer !== undefined;
  }

  /** Id of the run. */
  get id(): string {
    return this.#run.id;
  }

  /** Tells whether chunks may be handed out. */
  isOpen(now: number): boolean {
    return now >= this.#holdUntil && this.#parts.broker.serverId === this.#run.server;
  }

  /**
   * Has the workers of an earlier run end: they take nothing more, and nothing more is taken from them. It is not a run to
   * continue, as chunks and records of the earlier one are still there.
   */
  async replaceEarlier(signal: AbortSignal): Promise<void> {
    const announced = { ...this.#run, server: serverOfEarlierRun, fingerprint: '' };
    await persist(() => this.#parts.broker.writeRun(announced), signal);
  }

  /** Announces the run. While it is held, workers see another server. */
  async begin(signal: AbortSignal): Promise<void> {
    const announced = { ...this.#run, server: this.#parts.heldServer ?? this.#run.server };
    await persist(() => this.#parts.broker.writeRun(announced), signal);
  }

  /** Tells whether the server is not the one that we have announced, or does not know the run. */
  async isForgotten(): Promise<boolean> {
    const { broker } = this.#parts;
    const known = await broker.readRun();
    const { serverId } = broker;
    if (serverId === undefined) throw new Error('Not connected');
    return known?.id !== this.#run.id || known.server !== serverId || known.state !== this.#run.state;
  }

  /** Hands out nothing for one lease, if that has not begun yet. Returns whether it began. */
  hold(now: number): boolean {
    if (this.#isHeld) return false;
    this.#parts.onNotice('the queue was restarted, replaced or emptied; no work is handed out for one lease');
    this.#isHeld = true;
    this.#holdUntil = now + this.#run.leaseMs;
    return true;
  }

  /** Accepts the server that we are connected to, if the lease is over. `prepare` is called before workers are told. */
  async accept(now: number, prepare: () => Promise<void>): Promise<void> {
    if (now < this.#holdUntil) return;
    const { broker } = this.#parts;
    const { serverId } = broker;
    if (serverId === undefined) throw new Error('Not connected');
    await prepare();
    this.#run = { ...this.#run, server: serverId };
    await broker.writeRun(this.#run);
    this.#isHeld = false;
  }

  /** Tells the workers that nothing more is handed out. */
  async stop(): Promise<void> {
    this.#run = { ...this.#run, state: 'stopping' };
    await this.#parts.broker.writeRun(this.#run);
  }

  /** Tells the workers that all is done. */
  async end(): Promise<void> {
    await this.#parts.broker.writeRun({ ...this.#run, state: 'ended', options: '' });
  }
}
