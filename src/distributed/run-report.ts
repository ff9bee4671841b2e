import type { Broker } from './broker.ts';
import type { Demand, OutstandingChunks } from './outstanding-chunks.ts';
import { pause } from './persist.ts';
import type { RunRecords } from './run-records.ts';

/** The state of a run at one moment. */
export interface CoordinatorState {
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
  readonly records: RunRecords;
  readonly chunks: OutstandingChunks;
  readonly leaseMs: number;
  readonly onState: ((state: CoordinatorState) => void) | undefined;
}

/** Looks at the workers about once a second, and reports how far the run is. */
export class RunReport {
  readonly #parts: ReportParts;
  #demand: Demand = { workers: 1, chunks: 0 };
  #before = { at: performance.now(), written: 0 };

  constructor(parts: ReportParts) {
    this.#parts = parts;
  }

  /** What the workers were doing at the last look. */
  get demand(): Demand {
    return this.#demand;
  }

  /** Reports until the run is over. */
  async keep(isOver: () => boolean, signal: AbortSignal): Promise<void> {
    while (!isOver()) {
      try {
        await this.#report();
      } catch {
        // The display stands still while the broker is gone.
      }
      await pause(reportMs, signal);
    }
  }

  async #report(): Promise<void> {
    const { broker, records, chunks, leaseMs, onState } = this.#parts;
    const perSecond = this.#speed();
    const all = await broker.workers();
    const live = all.filter(({ seenMs }) => seenMs < Math.max(leaseMs, workerGoneMs));
    const sum = (field: 'chunks' | 'inFlight' | 'concurrency'): number =>
      live.reduce((total, worker) => total + worker[field], 0);
    this.#demand = { workers: live.length, chunks: sum('chunks') };
    await broker.writeFigures({
      done: records.total - records.left,
      ok: records.written.ok,
      perSecond,
      outstanding: chunks.size,
    });
    onState?.({
      workers: live.length,
      inFlight: sum('inFlight'),
      concurrency: sum('concurrency'),
      paused: await broker.pauses(),
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

const reportMs = 1000;
const workerGoneMs = 10_000;
