import type { FetcherLoad, WaitReason } from './load.ts';

/**
 * What kept a run from going faster: what its requests waited for in our own queue ({@link WaitReason}); a `shortage` of our own
 * machine; waits before retries (`backOff`); a list that came slowly (`input`); a row that others had to wait for (`order`); that
 * it goes one by one (`sequence`); that nothing was left to start (`tail`); our own `cpu`; or that our process could do nothing
 * though it had work: a slow disk, a busy machine (`blocked`).
 */
export type Bottleneck =
  WaitReason | 'shortage' | 'backOff' | 'input' | 'order' | 'sequence' | 'tail' | 'cpu' | 'blocked';

/** A run at one moment. */
export interface RunSample {
  readonly load: FetcherLoad;
  /** How many may be in flight when our machine is not short of anything. */
  readonly concurrency: number;
  /** Whether it makes one request at a time. */
  readonly isSequence: boolean;
  /** Whether the list is waited for, and whether it has come to its end. */
  readonly list: 'awaited' | 'ended' | 'waiting';
  /** The part of the time since the last sample in which our process had something to do, from 0 to 1. */
  readonly busy: number;
  /** The part of a processor that it had then. */
  readonly cpu: number;
}

/** What held a run up, and for what part of the time that can be told. */
export interface BottleneckShare {
  readonly bound: Bottleneck;
  /** From 0 to 1. */
  readonly share: number;
}

/** Adds up what held a run up, from samples of it. */
export class Bottlenecks {
  readonly #times = new Map<Bottleneck, number>();
  #samples = 0;
  #sampledMs = 0;

  /** Takes a sample that stands for so many milliseconds. */
  add(sample: RunSample, milliseconds: number): void {
    this.#samples += 1;
    this.#sampledMs += milliseconds;
    for (const [bound, share] of bottlenecksOf(sample)) {
      this.#times.set(bound, (this.#times.get(bound) ?? 0) + share * milliseconds);
    }
  }

  /** The greatest first; none if the run was too short to tell. */
  shares(): BottleneckShare[] {
    if (this.#samples < minSamples || this.#sampledMs < minSampledMs) return [];
    const all = [...this.#times];
    const total = all.reduce((sum, [, time]) => sum + time, 0);
    return all.map(([bound, time]) => ({ bound, share: time / total })).sort((a, b) => b.share - a.share);
  }
}

const minSamples = 5;
const minSampledMs = 300;

/** What holds a run up at one moment, in parts that add up to 1; nothing if that cannot be told. */
export function bottlenecksOf(sample: RunSample): (readonly [Bottleneck, number])[] {
  const bounds = waitsOf(sample);
  // A pause, a rate and an interval hold it up however much time it has.
  if (sample.busy < busyFrom || bounds.some(([bound]) => timed.has(bound))) return bounds;
  return [[sample.cpu < idleBelow ? 'blocked' : 'cpu', 1]];
}

/** Nearly no time is left to do more in. */
const busyFrom = 0.9;
/** With so little of a processor it cannot have been computing. */
const idleBelow = 0.5;
const timed: ReadonlySet<Bottleneck> = new Set(['pause', 'hostRate', 'rate', 'interval', 'backOff']);

function waitsOf(sample: RunSample): (readonly [Bottleneck, number])[] {
  const { waitingFor: held } = sample.load;
  if (held.interval > 0) return [['interval', 1]];
  // While anything waits for what is over all hosts, more for one of them would not help.
  if (held.concurrency > 0) return [[fullness(sample), 1]];
  if (held.rate > 0) return [['rate', 1]];
  if (held.reader > 0) return [['reader', 1]];
  const byHost = held.pause + held.hostConcurrency + held.hostRate;
  if (byHost > 0) return hostHolds.map((hold) => [hold, held[hold] / byHost] as const).filter(([, part]) => part > 0);
  const bound = sample.load.waiting > 0 ? undefined : emptyQueue(sample);
  return bound === undefined ? [] : [[bound, 1]];
}

const hostHolds = ['pause', 'hostConcurrency', 'hostRate'] as const;

/** Why nothing waits to be started. */
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
  return load.concurrency < concurrency ? 'shortage' : 'concurrency';
}
