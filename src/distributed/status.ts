import type { RunFigures, WorkerEntry } from './broker.ts';
import { checkQueue } from './check-options.ts';
import { openRedisBroker } from './redis/redis-broker.ts';

/** The state of a queue at one moment. */
export interface QueueStatus {
  readonly name: string;
  /** The present run, or the last one; null if there was none. */
  readonly run: {
    readonly id: string;
    readonly state: 'running' | 'stopping' | 'ended';
    /** Requests of the list. */
    readonly total: number;
    /** A coordinator is at work. */
    readonly hasCoordinator: boolean;
    /** Nobody may take a chunk, as the server was replaced or emptied less than one lease ago. */
    readonly isHeld: boolean;
  } | null;
  /** Progress as the coordinator last reported it; null if there is none. */
  readonly figures: (RunFigures & { readonly leftMs: number | null }) | null;
  /** Workers that were heard of in the last minute. */
  readonly workers: readonly WorkerEntry[];
  /** Chunks in the queue: all, those that a worker has, and those of them that were taken over. */
  readonly chunks: { readonly out: number; readonly taken: number; readonly takenOver: number };
  /** Paused hosts, the longest pause first. */
  readonly paused: readonly { readonly host: string; readonly ms: number }[];
  /** Records that wait for the coordinator: entries of the stream, and their bytes. */
  readonly backlog: { readonly entries: number; readonly bytes: number };
  readonly server: { readonly version: string; readonly usedBytes: number; readonly maxBytes: number };
}

/**
 * Reads the state of a queue. Changes nothing there.
 *
 * @param queue the URL of the Redis or Valkey server
 * @param name the name of the run
 * @throws TypeError or RangeError for a wrong argument; BrokerError if the queue cannot be used; both as a rejection
 */
export async function readQueueStatus(queue: string, name = 'fetchmany'): Promise<QueueStatus> {
  checkQueue('read the status of a queue', queue, name);
  const broker = await openRedisBroker(queue, name);
  await broker.connect();
  try {
    const [run, figures, workers, chunks, pauses, backlog, server, hasCoordinator] = await Promise.all([
      broker.readRun(),
      broker.readFigures(),
      broker.workers(),
      broker.countChunks(),
      broker.pauses(),
      broker.backlog(),
      broker.server(),
      broker.isLocked(),
    ]);
    const { version, usedBytes, maxBytes } = server;
    return {
      name,
      run: run
        ? { id: run.id, state: run.state, total: run.total, hasCoordinator, isHeld: run.server !== server.id }
        : null,
      figures: figures && run ? { ...figures, leftMs: leftMs(run.total, figures) } : null,
      workers: workers.filter(({ seenMs }) => seenMs < shownMs),
      chunks,
      paused: pauses.map(({ key, ms }) => ({ host: key, ms })).sort((a, b) => b.ms - a.ms),
      backlog,
      server: { version, usedBytes, maxBytes },
    };
  } finally {
    broker.close();
  }
}

function leftMs(total: number, { done, perSecond }: RunFigures): number | null {
  return perSecond > 0 ? Math.round(((total - done) * 1000) / perSecond) : null;
}

const shownMs = 60_000;
