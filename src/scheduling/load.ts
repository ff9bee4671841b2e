import type { Limits, PausedHost } from './limits.ts';

/** What can keep a request waiting in our own queue. */
const waitReasons = ['pause', 'hostConcurrency', 'hostRate', 'concurrency', 'rate', 'reader', 'interval'] as const;

/**
 * What keeps a request waiting: its host asked for a `pause`, is at its limit (`hostConcurrency`) or not yet due
 * (`hostRate`); the same over all hosts (`concurrency`, `rate`); results that nobody has read yet (`reader`); or the
 * `intervalMs` of `sequential`.
 */
export type WaitReason = (typeof waitReasons)[number];

/** What a fetcher is doing at one moment. */
export interface FetcherLoad {
  /** Requests on their way. */
  readonly inFlight: number;
  /** How many may be; fewer than the option says while our own machine runs short of something. */
  readonly concurrency: number;
  /** Requests that were read and wait in our own queue. */
  readonly waiting: number;
  /** What they wait for, and how many each. One that is about to start waits for nothing. */
  readonly waitingFor: Readonly<Record<WaitReason, number>>;
  /** Requests between two attempts. */
  readonly backingOff: number;
  /** Results that nobody has read yet. */
  readonly unread: number;
  /** The hosts whose servers asked us to wait, and until when, on the clock of `performance.now()`. */
  readonly paused: readonly PausedHost[];
}

/** What is asked of a queue whose load is measured. */
export interface MeasuredQueue {
  readonly waiting: number;
  readonly active: number;
  /** Whether its own interval allows no start before later. */
  isPaced(now: number): boolean;
  /** Whether one more may start, as far as its run goes. */
  mayStart(): boolean;
  /** Calls for each host of which something waits. */
  eachHost(visit: (host: string, waiting: number) => void): void;
}

/** What a load is measured of. */
export interface Measured {
  readonly limits: Limits;
  readonly queues: readonly MeasuredQueue[];
  /** Requests that were taken and have no result yet. */
  readonly outstanding: number;
  readonly unread: number;
}

/** Looks at all that waits: it takes a time that grows with the number of hosts, so it is for now and then. */
export function measureLoad({ limits, queues, outstanding, unread }: Measured, now: number): FetcherLoad {
  const held = Object.fromEntries(waitReasons.map((hold) => [hold, 0])) as Record<WaitReason, number>;
  let waiting = 0;
  let active = 0;
  for (const queue of queues) {
    waiting += queue.waiting;
    active += queue.active;
    countHeld(queue, limits, now, held);
  }
  return {
    inFlight: limits.inFlight,
    concurrency: limits.concurrency,
    waiting,
    waitingFor: held,
    backingOff: Math.max(0, outstanding - waiting - active),
    unread,
    paused: limits.pausedHosts(now),
  };
}

function countHeld(queue: MeasuredQueue, limits: Limits, now: number, held: Record<WaitReason, number>): void {
  if (queue.waiting === 0) return;
  const overAll = queue.isPaced(now) ? 'interval' : (limits.hold(now) ?? (queue.mayStart() ? undefined : 'reader'));
  queue.eachHost((host, waiting) => {
    const hold = limits.hostHold(host, now) ?? overAll;
    if (hold !== undefined) held[hold] += waiting;
  });
}
