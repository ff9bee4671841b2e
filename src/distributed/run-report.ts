import { BrokerFullError, type Broker, type WorkerEntry } from './broker.ts';
import type { Demand, OutstandingChunks } from './outstanding-chunks.ts';
import { pause } from './persist.ts';
import type { RunRecords } from './run-records.ts';
import { WorkerNotice } from './worker-notice.ts';

/** The state of a run at one moment. */
export interface CoordinatorState {
  /** `lost` if the queue does not answer, `full` if it has no memory left. The other fields may then be out of date. */
  readonly queue: 'open' | 'lost' | 'full';
  /** Workers that were heard of lately. */
  readonly workers: number;
  readonly inFlight: number;
  /** Requests that the workers may have in flight together. */
  readonly concurrency: number;
  /** Hosts that are paused, with the milliseconds left. */
  readonly paused: readonly { readonly key: string; readonly ms: number }[];
}

/** The parts of a {@link RunReport}. */
export interface ReportParts {
  readonly broker: Broker;
  /** Name of the run. */
  readonly name: string;
  readonly records: RunRecords;
  readonly chunks: OutstandingChunks;
  readonly leaseMs: number;
  readonly onState: ((state: CoordinatorState) => void) | undefined;
  readonly onNotice: (message: string) => void;
}

/** Looks at the workers about once a second, and reports how far the run is. */
export class RunReport {
  readonly #parts: ReportParts;
  /** Milliseconds after which a worker that is not heard of is not counted. */
  readonly #goneMs: number;
  readonly #workers: WorkerNotice;
  #demand: Demand = { workers: 1, chunks: 0 };
  #before = { at: performance.now(), written: 0 };
  #state: CoordinatorState = { queue: 'open', workers: 0, inFlight: 0, concurrency: 0, paused: [] };

  constructor(parts: ReportParts) {
    const { broker, name, leaseMs } = parts;
    this.#parts = parts;
    this.#goneMs = Math.max(leaseMs, workerGoneMs);
    this.#workers = new WorkerNotice({ address: broker.address, name, goneMs: this.#goneMs });
  }

  /** What the workers were doing at the last look. */
  get demand(): Demand {
    return this.#demand;
  }

  /** Reports until the run is over. */
  async keep(isOver: () => boolean, signal: AbortSignal): Promise<void> {
    while (!isOver()) {
      const message = await this.#look();
      if (message !== undefined) this.#parts.onNotice(message);
      this.#parts.onState?.(this.#state);
      await pause(reportMs, signal);
    }
  }

  /** Reports once. Returns what is to be said, if anything. */
  async #look(): Promise<string | undefined> {
    try {
      return await this.#report();
    } catch (error) {
      return this.#noteFailure(error);
    }
  }

  /** Leaves the figures of a run that stands still. Rejects if the broker cannot be reached. */
  async leave(): Promise<void> {
    const { records, chunks } = this.#parts;
    // Of a run that has ended, the queue keeps no chunk.
    await this.#write(0, records.left === 0 ? 0 : chunks.size);
  }

  async #report(): Promise<string | undefined> {
    const { broker, chunks } = this.#parts;
    const perSecond = this.#speed();
    const all = await broker.workers();
    const live = all.filter(({ seenMs }) => seenMs < this.#goneMs);
    this.#demand = { workers: live.length, chunks: sum(live, 'chunks') };
    await this.#write(perSecond, chunks.size);
    this.#state = {
      queue: 'open',
      workers: live.length,
      inFlight: sum(live, 'inFlight'),
      concurrency: sum(live, 'concurrency'),
      paused: await broker.pauses(),
    };
    return this.#workers.look(
      performance.now(),
      all.map(({ seenMs }) => seenMs),
    );
  }

  /** What workers do shows again once the broker is back. Without memory, they cannot report themselves either. */
  #noteFailure(error: unknown): string | undefined {
    const isFull = error instanceof BrokerFullError;
    const isNew = isFull && this.#state.queue !== 'full';
    this.#workers.lose();
    this.#state = { ...this.#state, queue: isFull ? 'full' : 'lost' };
    // Nobody can hand over anything, until records were taken away or there is more memory.
    return isNew ? `${error.message}; the run continues once there is room` : undefined;
  }

  async #write(perSecond: number, outstanding: number): Promise<void> {
    const { broker, records } = this.#parts;
    await broker.writeFigures({
      done: records.total - records.left,
      ok: records.written.ok,
      perSecond,
      outstanding,
    });
  }

  /** Records per second since the last report. */
  #speed(): number {
    const now = performance.now();
    const written = this.#parts.records.written.count;
    const perSecond = ((written - this.#before.written) * 1000) / Math.max(1, now - this.#before.at);
    this.#before = { at: now, written };
    return Math.round(perSecond * 10) / 10;
  }
}

function sum(workers: readonly WorkerEntry[], field: 'chunks' | 'inFlight' | 'concurrency'): number {
  return workers.reduce((total, worker) => total + worker[field], 0);
}

const reportMs = 1000;
const workerGoneMs = 10_000;
