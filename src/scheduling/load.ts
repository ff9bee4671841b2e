import type { Call } from '../call/call.ts';
import type { LearnedLimit } from './elastic-hosts.ts';
import type { HeldHost, PacedHost, WaitedForHost } from './host-memory.ts';
import type { Limits, PausedHost } from './limits.ts';

/** Every {@link WaitReason}. */
const waitReasons = [
  'hold',
  'quota',
  'pace',
  'pause',
  'robots',
  'hostConcurrency',
  'hostRate',
  'concurrency',
  'rate',
  'reader',
  'interval',
] as const;

/**
 * The reason why a request waits in our own queue:
 *
 * - `hold`: its host has stopped answering, and one request at a time asks for it.
 * - `quota`: the quota that its host stated is used up, or scarce.
 * - `pace`: its host has refused requests; the rate is the one learned from that.
 * - `pause`: the server of its host asked us to wait (`Retry-After`).
 * - `robots`: the robots.txt of its host is being read, or the time between two requests that it asks for is not over.
 * - `hostConcurrency`, `hostRate`: its host is at `perHost.concurrency` or `perHost.rate`.
 * - `concurrency`, `rate`: the fetcher is at `concurrency` or `rate`, over all hosts.
 * - `reader`: results that are ready have not been read.
 * - `interval`: the `intervalMs` of `sequential()` is not over.
 */
export type WaitReason = (typeof waitReasons)[number];

/** A request that has started and has no result yet. */
export interface RunningRequest {
  /** The URL as given; a password is shown as `***`. */
  readonly url: string;
  readonly method: string;
  /** Attempts so far, the present one included. */
  readonly attempts: number;
  /** Milliseconds of its first start on the clock of `performance.now()`. */
  readonly startedAt: number;
  /** False while it backs off, or waits for a slot for its next attempt. */
  readonly isInFlight: boolean;
}

/** A snapshot of what a fetcher is doing, as `fetcher.load()` returns it. */
export interface FetcherLoad {
  /** Requests in flight. */
  readonly inFlight: number;
  /**
   * Requests that may be in flight: the option, or less while our own machine runs short of file descriptors, ports or
   * memory. With `auto`, as many as were learned.
   */
  readonly concurrency: number;
  /** The most that `concurrency` may become with `auto`; otherwise the same. */
  readonly maxConcurrency: number;
  /** Limits that were learned (`auto`): over all hosts, and of hosts where it differs from the first one. */
  readonly atOnce: readonly LearnedLimit[];
  /** Requests that were read from a source and wait in our own queue. */
  readonly waiting: number;
  /** Waiting requests by reason. A request that is about to start waits for nothing and is not counted. */
  readonly waitingFor: Readonly<Record<WaitReason, number>>;
  /** Requests that back off between two attempts. */
  readonly backingOff: number;
  /** Results that are ready and have not been read. */
  readonly unread: number;
  /** Hosts that are held or given up, as they have stopped answering. */
  readonly held: readonly HeldHost[];
  /** Hosts whose starts per second were learned from refusals, or follow a quota or a `Crawl-delay` of the host. */
  readonly paced: readonly PacedHost[];
  /** Hosts that were held and have answered again. */
  readonly waitedFor: readonly WaitedForHost[];
  /** While no host answers any more: milliseconds on the monotonic clock at which the next request asks. */
  readonly networkAskAt: number | undefined;
  /** Hosts whose servers asked us to wait. `until` is in milliseconds on the clock of `performance.now()`. */
  readonly paused: readonly PausedHost[];
  /** The requests that started longest ago and have no result yet: at most three of each run, the oldest first. */
  readonly oldest: readonly RunningRequest[];
}

/** The part of a run queue that {@link measureLoad} reads. */
export interface MeasuredQueue {
  /** Requests that wait for a slot. */
  readonly waiting: number;
  /** Calls that hold a slot. */
  readonly active: number;
  /** Returns the calls that started longest ago and have no result, up to `max`, the oldest first. */
  oldest(max: number): readonly Call[];
  /** Tells whether the interval of the run forbids a start at `now`. */
  isPaced(now: number): boolean;
  /** Tells whether the run has room for one more call in flight. */
  mayStart(): boolean;
  /** Calls `visit` for each origin with waiting requests, and passes their number. */
  eachOrigin(visit: (origin: string, waiting: number) => void): void;
}

/** Input of {@link measureLoad}. */
export interface MeasuredState {
  readonly limits: Limits;
  readonly queues: readonly MeasuredQueue[];
  /** Requests that were read and have no result yet. */
  readonly outstanding: number;
  /** Number of unread results. */
  readonly unread: number;
}

/** Counts nothing for each reason. */
export function noWaits(): Record<WaitReason, number> {
  return Object.fromEntries(waitReasons.map((reason) => [reason, 0])) as Record<WaitReason, number>;
}

/** Counts what is in flight and what waits for what. Its time grows with the number of waiting origins. */
export function measureLoad({ limits, queues, outstanding, unread }: MeasuredState, now: number): FetcherLoad {
  const waitingFor = noWaits();
  let waiting = 0;
  let active = 0;
  for (const queue of queues) {
    waiting += queue.waiting;
    active += queue.active;
    countReasons(queue, limits, now, waitingFor);
  }
  return {
    inFlight: limits.inFlight,
    concurrency: limits.concurrency,
    maxConcurrency: limits.maxConcurrency,
    atOnce: limits.learned(),
    waiting,
    waitingFor,
    backingOff: Math.max(0, outstanding - waiting - active),
    unread,
    held: limits.hosts.held(),
    paced: [...limits.hosts.paced(), ...delayedHosts(limits)],
    waitedFor: limits.hosts.waitedFor(),
    networkAskAt: limits.hosts.network.askAt,
    paused: limits.pausedHosts(now),
    oldest: oldestOf(queues),
  };
}

function delayedHosts({ robots }: Limits): PacedHost[] {
  const delayed = robots?.delayed() ?? [];
  return delayed.map(({ host, delayMs, askedMs }) => {
    return { host, perSecond: 1000 / delayMs, from: 'robots', ...(askedMs > delayMs && { askedMs }) };
  });
}

function oldestOf(queues: readonly MeasuredQueue[]): RunningRequest[] {
  const calls = queues.flatMap((queue) => queue.oldest(maxOldest));
  return calls
    .sort((one, other) => one.startedAt - other.startedAt)
    .map(({ request: { url, method }, attempts, startedAt, holdsSlot }) => {
      return { url, method, attempts, startedAt, isInFlight: holdsSlot };
    });
}

const maxOldest = 3;

function countReasons(queue: MeasuredQueue, limits: Limits, now: number, waitingFor: Record<WaitReason, number>): void {
  if (queue.waiting === 0) return;
  const overAll = queue.isPaced(now)
    ? 'interval'
    : (limits.waitReason(now) ?? (queue.mayStart() ? undefined : 'reader'));
  queue.eachOrigin((origin, waiting) => {
    const reason = limits.originWaitReason(origin, now, waiting) ?? overAll;
    if (reason !== undefined) waitingFor[reason] += waiting;
  });
}
