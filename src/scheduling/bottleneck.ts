import type { FetcherLoad, WaitReason } from './load.ts';

/**
 * The thing that kept a run from going faster: a {@link WaitReason} of its requests, or
 *
 * - `shortage`: our own machine ran short of file descriptors, ports or memory.
 * - `backOff`: requests waited for their next attempt.
 * - `input`: the input list was slow.
 * - `order`: finished rows waited for an earlier one.
 * - `sequence`: requests were sent one at a time.
 * - `tail`: the list had ended, and the last requests were in flight.
 * - `cpu`: our own process was busy computing.
 * - `blocked`: our process had work but no processor: a slow disk or a busy machine.
 */
export type Bottleneck =
  WaitReason | 'shortage' | 'backOff' | 'input' | 'order' | 'sequence' | 'tail' | 'cpu' | 'blocked';

/** A snapshot of a run. */
export interface RunSample {
  readonly load: FetcherLoad;
  /** The most requests that may be in flight while our machine is not short of anything. */
  readonly concurrency: number;
  /** True if the run sends one request at a time. */
  readonly isSequence: boolean;
  /** State of the input list: the run waits for it, it has ended, or it waits for the run. */
  readonly list: 'awaited' | 'ended' | 'waiting';
  /** Share of the time since the last sample in which our process had work, from 0 to 1. */
  readonly busy: number;
  /** Share of one processor that our process used in that time; above 1 with several threads. */
  readonly cpu: number;
}

/** A bottleneck and its share of the time for which one is known. */
export interface BottleneckShare {
  readonly bound: Bottleneck;
  /** From 0 to 1. */
  readonly share: number;
}

/** Adds up the bottlenecks of a run from samples. */
export class Bottlenecks {
  readonly #times = new Map<Bottleneck, number>();
  #samples = 0;
  #sampledMs = 0;

  /** Adds a sample that represents `milliseconds` of the run. */
  add(sample: RunSample, milliseconds: number): void {
    this.#samples += 1;
    this.#sampledMs += milliseconds;
    for (const [bound, share] of bottlenecksOf(sample)) {
      this.#times.set(bound, (this.#times.get(bound) ?? 0) + share * milliseconds);
    }
  }

  /** Returns the shares, the greatest first; none if the run was too short. */
  shares(): BottleneckShare[] {
    if (this.#samples < minSamples || this.#sampledMs < minSampledMs) return [];
    const all = [...this.#times];
    const total = all.reduce((sum, [, time]) => sum + time, 0);
    return all.map(([bound, time]) => ({ bound, share: time / total })).sort((a, b) => b.share - a.share);
  }
}

const minSamples = 5;
const minSampledMs = 300;

/** Returns the bottlenecks of a sample with shares that add up to 1; none if they are unknown. */
export function bottlenecksOf(sample: RunSample): (readonly [Bottleneck, number])[] {
  const bounds = waitsOf(sample);
  // A pause, a rate and an interval are the bottleneck however busy the process is.
  if (sample.busy < minBusyShare || bounds.some(([bound]) => timed.has(bound))) return bounds;
  return [[sample.cpu < maxBlockedCpu ? 'blocked' : 'cpu', 1]];
}

/** Share of the time from which a process counts as busy. */
const minBusyShare = 0.9;
/** Share of a processor below which a busy process was not computing. */
const maxBlockedCpu = 0.5;
const timed: ReadonlySet<Bottleneck> = new Set([
  'hold',
  'quota',
  'pace',
  'pause',
  'robots',
  'hostRate',
  'rate',
  'interval',
  'backOff',
]);

function waitsOf(sample: RunSample): (readonly [Bottleneck, number])[] {
  const { waitingFor } = sample.load;
  if (waitingFor.interval > 0) return [['interval', 1]];
  // While a request waits for a limit over all hosts, a higher limit of one host would not help.
  if (waitingFor.concurrency > 0) return [[fullness(sample), 1]];
  if (waitingFor.rate > 0) return [['rate', 1]];
  if (waitingFor.reader > 0) return [['reader', 1]];
  const byHost = hostReasons.reduce((sum, reason) => sum + waitingFor[reason], 0);
  if (byHost > 0)
    return hostReasons.map((reason) => [reason, waitingFor[reason] / byHost] as const).filter(([, part]) => part > 0);
  const bound = sample.load.waiting > 0 ? undefined : emptyQueue(sample);
  return bound === undefined ? [] : [[bound, 1]];
}

const hostReasons = ['hold', 'quota', 'pace', 'pause', 'robots', 'hostConcurrency', 'hostRate'] as const;

/** Returns the bottleneck while no request waits to be started. */
function emptyQueue(sample: RunSample): Bottleneck | undefined {
  const { inFlight, concurrency, backingOff, unread } = sample.load;
  if (sample.isSequence) return inFlight > 0 ? 'sequence' : backingOff > 0 ? 'backOff' : listBottleneck(sample);
  if (sample.list !== 'ended' && inFlight >= concurrency) return fullness(sample);
  if (sample.list !== 'waiting') return inFlight === 0 && backingOff > 0 ? 'backOff' : listBottleneck(sample);
  return unread > 0 ? 'reader' : 'order';
}

function listBottleneck({ list, load: { inFlight } }: RunSample): Bottleneck | undefined {
  if (list === 'awaited') return 'input';
  return list === 'ended' && inFlight > 0 ? 'tail' : undefined;
}

function fullness({ load, concurrency }: RunSample): Bottleneck {
  return load.maxConcurrency < concurrency ? 'shortage' : 'concurrency';
}
