import { serverOfEarlierRun, type RunFigures, type RunState, type WorkerEntry } from './broker.ts';
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
    /** Nobody may take a chunk for one lease. */
    readonly isHeld: boolean;
    /**
     * Why: workers of an earlier run may still be at work, or the server was restarted, replaced or emptied; null if it is
     * not held.
     */
    readonly heldFor: 'earlier-run' | 'server' | null;
    /** Milliseconds that a hold lasts at most. */
    readonly leaseMs: number;
  } | null;
  /** Progress as the coordinator last reported it; null if there is none. Without a coordinator the speed is 0. */
  readonly figures: (RunFigures & { readonly leftMs: number | null }) | null;
  /** Workers that were heard of in the last minute. Those that wait for a run have a concurrency of 0. */
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
      run: run ? runStatus(run, { serverId: server.id, hasCoordinator }) : null,
      figures: figures && run ? progressOf(run, figures, hasCoordinator) : null,
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

function runStatus(
  { id, state, total, leaseMs, server }: RunState,
  { serverId, hasCoordinator }: { readonly serverId: string; readonly hasCoordinator: boolean },
): NonNullable<QueueStatus['run']> {
  const isHeld = state !== 'ended' && server !== serverId;
  const heldFor = server === serverOfEarlierRun ? 'earlier-run' : 'server';
  return { id, state, total, hasCoordinator, isHeld, heldFor: isHeld ? heldFor : null, leaseMs };
}

/** A coordinator that was killed has left the speed of its last second. */
function progressOf({ total }: RunState, left: RunFigures, hasCoordinator: boolean): QueueStatus['figures'] {
  const figures = hasCoordinator ? left : { ...left, perSecond: 0 };
  return { ...figures, leftMs: leftMs(total, figures) };
}

function leftMs(total: number, { done, perSecond }: RunFigures): number | null {
  return perSecond > 0 ? Math.round(((total - done) * 1000) / perSecond) : null;
}

const shownMs = 60_000;
