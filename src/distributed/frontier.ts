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

/** Takes up to `most` requests of a host that are stored elsewhere; returns them, and how many are left there. */
export type More = (key: string, most: number) => { readonly lines: readonly string[]; readonly left: number };

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
  #readyCount = 0;

  constructor(options: FrontierOptions) {
    this.#options = options;
  }

  /** Requests that wait here. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Requests of hosts that may go out. */
  get ready(): number {
    return this.#readyCount;
  }

  /** Requests of a host that wait here. */
  waitingOf(key: string): number {
    return this.#hosts.get(key)?.lines.length ?? 0;
  }

  /** The time from which a host may go out; `Infinity` while it is out. */
  freeAt(key: string): number {
    const host = this.#hosts.get(key);
    if (host === undefined) return 0;
    return host.isOut ? Infinity : host.dueAt;
  }

  /** Adds requests of a host. */
  offer(key: string, lines: readonly string[]): void {
    const host = this.#hostNamed(key);
    // A copy has no more room than it needs; most hosts have few requests.
    if (host.lines === none) host.lines = [...lines];
    else for (const line of lines) host.lines.push(line);
    this.#waiting += lines.length;
    if (host.place >= 0) this.#readyCount += lines.length;
    this.#enqueue(host);
  }

  /** Notes how many requests of a host are stored elsewhere. They are asked for when it goes out. */
  store(key: string, count: number): void {
    const host = this.#hostNamed(key);
    host.stored = count;
    this.#enqueue(host);
  }

  /** Removes and returns the requests of a host that is out. */
  takeRest(key: string): readonly string[] {
    const host = this.#hosts.get(key);
    if (host === undefined || !host.isOut) return none;
    const { lines } = host;
    host.lines = none;
    this.#waiting -= lines.length;
    return lines;
  }

  /** Adds a chunk that is to go out as it is, once all its hosts are free. */
  offerFixed(hosts: readonly HostLines[]): void {
    this.#fixed.push(hosts);
    for (const { lines } of hosts) this.#waiting += lines.length;
  }

  /** Notes that a host is out in a chunk that was not made here. */
  takeOut(key: string): void {
    this.#leave(this.#hostNamed(key));
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

  /**
   * Returns the requests of a chunk that may go out at `now`, of about `target` requests; undefined if none may. What is
   * stored elsewhere is asked of `more`.
   */
  next(now: number, target: number, more: More = noMore): HostLines[] | undefined {
    while (this.#asleep.earliest <= now) this.#wake(this.#asleep.pop() as Host, now);
    const fixed = this.#nextFixed(now);
    if (fixed === undefined) return this.#cut(now, target, more);
    for (const { key, lines } of fixed) {
      this.#leave(this.#hostNamed(key));
      this.#waiting -= lines.length;
    }
    return fixed;
  }

  #nextFixed(now: number): HostLines[] | undefined {
    const at = this.#fixed.findIndex((hosts) => hosts.every(({ key }) => this.freeAt(key) <= now));
    return at < 0 ? undefined : [...this.#fixed.splice(at, 1)[0]!];
  }

  #cut(now: number, target: number, more: More): HostLines[] | undefined {
    const hosts: HostLines[] = [];
    let total = 0;
    for (let size = this.#ready.length - 1; size >= 0; size -= 1) {
      const ready = this.#ready[size]!;
      for (let host = ready.first; host !== undefined; host = ready.first) {
        // It has gone out, or to the hosts with more requests.
        if (host.place !== size) {
          ready.shift();
          continue;
        }
        const most = Math.min(host.lines.length + host.stored, chunkSize(host.perSecond));
        // It stays first in line for the next chunk.
        if (host.dueAt <= now && total > 0 && total + most > target) return hosts;
        ready.shift();
        this.#dequeue(host);
        // Not due after all: it was paused while it waited here.
        if (host.dueAt > now) {
          this.#enqueue(host, now);
          continue;
        }
        const lines = this.#take(host, most, more);
        if (lines.length === 0) {
          this.#hosts.delete(host.key);
          continue;
        }
        hosts.push({ key: host.key, lines });
        host.isOut = true;
        total += lines.length;
        if (total >= target / 2 && hosts.length === 1) return hosts;
      }
    }
    return hosts.length === 0 ? undefined : hosts;
  }

  /** Removes up to `most` requests from a host. */
  #take(host: Host, most: number, more: More): readonly string[] {
    if (host.lines.length < most && host.stored > 0) {
      const { lines, left } = more(host.key, most - host.lines.length);
      host.stored = left;
      const all = [...host.lines, ...lines];
      this.#waiting -= host.lines.length;
      host.lines = none;
      return all;
    }
    const lines = most === host.lines.length ? host.lines : host.lines.splice(0, most);
    if (lines === host.lines) host.lines = none;
    this.#waiting -= lines.length;
    return lines;
  }

  /** Notes that a host goes out. */
  #leave(host: Host): void {
    if (host.place >= 0) this.#dequeue(host);
    host.isOut = true;
  }

  /** Puts a host in line. One that is in line already may move to those with more requests; its old place is void. */
  #enqueue(host: Host, now = -Infinity): void {
    if (host.place === asleep || host.isOut) return;
    if (host.place === nowhere && host.dueAt > now && host.dueAt > 0) {
      host.place = asleep;
      this.#asleep.push(host.dueAt, host);
      return;
    }
    const size = 31 - Math.clz32(Math.max(1, host.lines.length + host.stored));
    if (size <= host.place) return;
    if (host.place === nowhere) this.#readyCount += host.lines.length;
    host.place = size;
    this.#ready[size]!.push(host);
  }

  /** Takes a host out of the line of those that may go out. */
  #dequeue(host: Host): void {
    host.place = nowhere;
    this.#readyCount -= host.lines.length;
  }

  #wake(host: Host, now: number): void {
    host.place = nowhere;
    if (isEmpty(host) && !host.isOut && host.dueAt <= now) this.#hosts.delete(host.key);
    else this.#enqueue(host, now);
  }

  #hostNamed(key: string): Host {
    let host = this.#hosts.get(key);
    if (host === undefined) {
      const { perSecond } = this.#options;
      host = { key, lines: none, stored: 0, isOut: false, place: nowhere, dueAt: 0, perSecond };
      this.#hosts.set(key, host);
    }
    return host;
  }
}

interface Host {
  readonly key: string;
  lines: string[];
  /** Requests that are stored elsewhere. */
  stored: number;
  isOut: boolean;
  /** Where it is in line: a number of `#ready`, or one of the two below. */
  place: number;
  /** Milliseconds at which it may go out again; 0 if it never was out. */
  dueAt: number;
  perSecond: number;
}

const nowhere = -1;
const asleep = -2;
/** Stands for no requests without an array for each host. */
const none: string[] = [];
const noMore: More = () => ({ lines: [], left: 0 });

function isEmpty({ lines, stored }: Host): boolean {
  return lines.length === 0 && stored === 0;
}

/** Returns how many requests of one host a chunk may have: about ten seconds of work. */
function chunkSize(perSecond: number): number {
  return Math.max(minChunkSize, Math.min(maxChunkSize, Math.ceil(perSecond * 10)));
}

const minChunkSize = 100;
const maxChunkSize = 20_000;
