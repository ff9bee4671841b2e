import { Fifo } from '../collections/fifo.ts';
import { Heap } from '../collections/heap.ts';
import type { HostLines } from './wire.ts';

/** The options of a {@link Frontier}. */
export interface FrontierOptions {
  /** Milliseconds between the end of one chunk of a host and the start of the next. */
  readonly intervalMs: number;
  /** Requests per second that a host is taken to answer until it is known. */
  readonly perSecond: number;
}

/**
 * Decides which hosts may go out now, and as which chunks. A host is out in one chunk at most, so its limits are kept by
 * the one worker that has it. Reads no clock: times are arguments, in milliseconds of one monotonic clock.
 *
 * The hosts with the most requests go first: the largest one is what a run waits for at its end. (One queue per host, as
 * in A. Heydon and M. Najork, Mercator: A Scalable, Extensible Web Crawler, 1999.)
 */
export class Frontier {
  readonly #options: FrontierOptions;
  readonly #hosts = new Map<string, Host>();
  /** Hosts that may go out, by the order of magnitude of their requests. */
  readonly #ready: readonly Fifo<Host>[] = Array.from({ length: 32 }, () => new Fifo<Host>());
  /** Hosts that have to wait, by the time at which that ends. */
  readonly #asleep = new Heap<Host>();
  /** Chunks that are fixed already: they go out as they are. */
  #fixed: (readonly HostLines[])[] = [];
  #waiting = 0;

  constructor(options: FrontierOptions) {
    this.#options = options;
  }

  /** Requests that wait here. */
  get waiting(): number {
    return this.#waiting;
  }

  /** The time at which {@link next} may have more than now; `Infinity` if only an offer or a return can help. */
  get wakeAt(): number {
    return this.#asleep.earliest;
  }

  /** Adds requests of a host. */
  offer(key: string, lines: readonly string[]): void {
    const host = this.#hostNamed(key);
    for (const line of lines) host.lines.push(line);
    this.#waiting += lines.length;
    this.#enqueue(host);
  }

  /** Adds a chunk that is to go out as it is, once all its hosts are free. */
  offerFixed(hosts: readonly HostLines[]): void {
    this.#fixed.push(hosts);
    for (const { lines } of hosts) this.#waiting += lines.length;
  }

  /** Notes that a host is out in a chunk that was not made here. */
  takeOut(key: string): void {
    this.#hostNamed(key).isOut = true;
  }

  /** Notes that the chunk of a host came back, and that it took so long for so many requests, if that is known. */
  comeBack(key: string, now: number, perSecond?: number): void {
    const host = this.#hostNamed(key);
    host.isOut = false;
    host.dueAt = Math.max(host.dueAt, now + this.#options.intervalMs);
    if (perSecond !== undefined) host.perSecond = perSecond;
    this.#enqueue(host);
  }

  /** Holds a host back until a time. */
  pause(key: string, until: number): void {
    const host = this.#hosts.get(key);
    if (host !== undefined) host.dueAt = Math.max(host.dueAt, until);
  }

  /** Returns the requests of a chunk that may go out at `now`, of about `target` requests; undefined if none may. */
  next(now: number, target: number): HostLines[] | undefined {
    while (this.#asleep.earliest <= now) this.#wake(this.#asleep.pop() as Host, now);
    const hosts = this.#nextFixed(now) ?? this.#cut(now, target);
    for (const { key, lines } of hosts) {
      this.#hostNamed(key).isOut = true;
      this.#waiting -= lines.length;
    }
    return hosts.length === 0 ? undefined : hosts;
  }

  #nextFixed(now: number): HostLines[] | undefined {
    const at = this.#fixed.findIndex((hosts) => hosts.every(({ key }) => this.#isFree(key, now)));
    return at < 0 ? undefined : [...this.#fixed.splice(at, 1)[0]!];
  }

  #isFree(key: string, now: number): boolean {
    const host = this.#hosts.get(key);
    return host === undefined || (!host.isOut && host.dueAt <= now);
  }

  #cut(now: number, target: number): HostLines[] {
    const hosts: HostLines[] = [];
    let total = 0;
    for (let size = this.#ready.length - 1; size >= 0; size -= 1) {
      const ready = this.#ready[size]!;
      for (let host = ready.shift(); host !== undefined; host = ready.shift()) {
        host.isQueued = false;
        if (host.isOut) continue;
        const most = Math.min(host.lines.length, chunkSize(host.perSecond));
        // Not due after all: it was paused while it waited here. Or too many for this chunk.
        if (host.dueAt > now || (total > 0 && total + most > target)) {
          this.#enqueue(host, now);
          if (host.dueAt > now) continue;
          return hosts;
        }
        if (most === 0) {
          this.#hosts.delete(host.key);
          continue;
        }
        hosts.push({ key: host.key, lines: host.lines.splice(0, most) });
        // It is out from now on: the caller says so for all hosts of the chunk.
        total += most;
        if (total >= target / 2 && hosts.length === 1) return hosts;
      }
    }
    return hosts;
  }

  #enqueue(host: Host, now = -Infinity): void {
    if (host.isQueued || host.isOut) return;
    host.isQueued = true;
    if (host.dueAt > now && host.dueAt > 0) this.#asleep.push(host.dueAt, host);
    else this.#ready[31 - Math.clz32(Math.max(1, host.lines.length))]!.push(host);
  }

  #wake(host: Host, now: number): void {
    host.isQueued = false;
    if (host.lines.length === 0 && !host.isOut && host.dueAt <= now) this.#hosts.delete(host.key);
    else this.#enqueue(host, now);
  }

  #hostNamed(key: string): Host {
    let host = this.#hosts.get(key);
    if (host === undefined) {
      host = { key, lines: [], isOut: false, isQueued: false, dueAt: 0, perSecond: this.#options.perSecond };
      this.#hosts.set(key, host);
    }
    return host;
  }
}

interface Host {
  readonly key: string;
  readonly lines: string[];
  isOut: boolean;
  /** It is in one of the queues of the frontier. */
  isQueued: boolean;
  /** Milliseconds at which it may go out again; 0 if it never was out. */
  dueAt: number;
  perSecond: number;
}

/** Returns how many requests of one host a chunk may have: about ten seconds of work. */
function chunkSize(perSecond: number): number {
  return Math.max(minChunkSize, Math.min(maxChunkSize, Math.ceil(perSecond * 10)));
}

const minChunkSize = 100;
const maxChunkSize = 20_000;
