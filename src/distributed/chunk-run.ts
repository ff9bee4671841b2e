import { setTimeout as sleep } from 'node:timers/promises';
import { Elsewhere, type Guard } from '../call/guard.ts';
import { ContinuedRequest } from '../http/continued-request.ts';
import { idempotentMethods, type RequestInput } from '../http/request.ts';
import type { CancelledResult, FetchResult } from '../http/result.ts';
import type { GuardedFetcher, GuardedRun } from '../fetcher/fetcher.ts';
import type { Broker, Chunk, ChunkFacts, Completion, Lesson } from './broker.ts';
import type { Committer } from './commit.ts';
import { hostKey } from './host-key.ts';
import { present, type Lease, type Moment } from './lease.ts';
import { persist } from './persist.ts';
import {
  packItem,
  packLesson,
  unpackHosts,
  unpackLesson,
  unpackLine,
  type HostLesson,
  type Item,
  type Progress,
} from './wire.ts';

/** What all chunks of a worker share. */
export interface ChunkTools {
  readonly broker: Pick<Broker, 'complete'>;
  readonly worker: string;
  readonly fetcher: GuardedFetcher;
  readonly committer: Committer;
  /** Writes a result as a line of JSON. */
  readonly row: (result: FetchResult) => string;
  /** The `optionsId` of the run that the fetcher was made for. */
  readonly optionsId: string;
  /** Retries of a request, unless it has its own. */
  readonly retries: number;
  /** Milliseconds between two starts on a host. */
  readonly intervalMs: number;
  /** Returns the time at which the pause of a host ends, in milliseconds on the monotonic clock; 0 if it has none. */
  readonly pausedUntil: (key: string) => number;
  /** Notes a pause that another worker was told of. */
  readonly notePause: (key: string, until: number) => void;
  /** Aborts what waits for the broker. */
  readonly signal: AbortSignal;
}

/** A request of a chunk that has no record. */
interface Pending extends Item {
  readonly key: string;
  readonly position: number;
}

/** A chunk in the hands of a worker: fetches its requests while its lease holds, then hands it back. */
export class ChunkRun {
  readonly id: string;
  readonly #tools: ChunkTools;
  readonly #lease: Lease;
  readonly #facts: ChunkFacts;
  readonly #items: Pending[] = [];
  /** Requests without a record, by host. */
  readonly #left = new Map<string, number>();
  readonly #stop = new AbortController();
  readonly #abort = new AbortController();
  readonly #back: Completion['back'][number][] = [];
  readonly #takenAt = performance.now();
  #origins: ReadonlySet<string> = new Set();
  #run: GuardedRun | undefined;
  #isLost = false;
  #leaseTimer: NodeJS.Timeout | undefined;

  constructor(chunk: Chunk, facts: ChunkFacts, lease: Lease, tools: ChunkTools) {
    this.id = chunk.id;
    this.#tools = tools;
    this.#lease = lease;
    this.#facts = facts;
    let position = 0;
    for (const { key, lines } of unpackHosts(chunk.payload)) {
      this.#left.set(key, 0);
      for (const line of lines) {
        if (!isSet(facts.done, position)) this.#take({ ...unpackLine(line), key, position });
        position += 1;
      }
    }
  }

  /** The hosts of a chunk, without making a run of it. */
  static keysOf(chunk: Chunk): string[] {
    return unpackHosts(chunk.payload).map(({ key }) => key);
  }

  /** Requests without a record. */
  get left(): number {
    let left = 0;
    for (const count of this.#left.values()) left += count;
    return left;
  }

  /** Returns how many requests may be in flight, if each host allows `perHost`. */
  room(perHost: number): number {
    let room = 0;
    for (const count of this.#left.values()) room += Math.min(count, perHost);
    return room;
  }

  /** Renews the lease by a renewal that was sent at a time. */
  renew(sentAt: Moment): void {
    if (this.#isLost) return;
    this.#lease.renew(sentAt);
    this.#watchLease();
  }

  /** The chunk is somebody else's, or may be: nothing starts any more, and what is in flight is aborted. */
  lose(): void {
    this.#isLost = true;
    this.#end(new Error('The lease has ended'));
  }

  /** Starts nothing more; what is in flight may finish. */
  stop(): void {
    this.#stop.abort();
  }

  /** Aborts what is in flight. */
  abort(): void {
    this.#end(new Error('The worker ends'));
  }

  /** Hands the chunk back if nothing of it can run for more than `ms` milliseconds, because its hosts are paused. */
  yieldIfPaused(ms: number): void {
    if (this.#run === undefined || this.#run.active() > 0) return;
    const from = performance.now() + ms;
    for (const [key, count] of this.#left) if (count > 0 && this.#tools.pausedUntil(key) < from) return;
    if (this.left > 0) this.#end(new Error('Its hosts are paused'));
  }

  /** Fetches what has no record, and hands the chunk back. Rejects only with the reason of the signal. */
  async run(): Promise<void> {
    this.#watchLease();
    try {
      await this.#waitForRate();
      this.#origins = this.#findOrigins();
      this.#learn();
      this.#applyPauses();
      await this.#fetchAll();
      await this.#tools.committer.flush();
    } finally {
      clearTimeout(this.#leaseTimer);
    }
    const { broker, worker, signal } = this.#tools;
    await persist(() => broker.complete(worker, this.id, this.#completion(), this.#lessons()), signal);
  }

  #take(item: Pending): void {
    if (mustRestart(item, this.#tools.optionsId)) {
      // Its beginning may be at a host of another chunk.
      const { index, input, line, progress } = item;
      const { trail: _, ...rest } = progress!;
      this.#back.push(packItem({ index, input, ...(line !== undefined && { line }), progress: rest }));
      return;
    }
    this.#items.push(item);
    this.#left.set(item.key, this.#left.get(item.key)! + 1);
  }

  /** Ends at the end of the lease. */
  #watchLease(): void {
    clearTimeout(this.#leaseTimer);
    this.#leaseTimer = setTimeout(
      () => {
        if (this.#lease.isOpen(present())) this.#watchLease();
        else this.lose();
      },
      Math.max(1, this.#lease.leftMs(present())),
    );
    this.#leaseTimer.unref();
  }

  /** Whoever takes over a chunk does not know when its last owner started a request: it waits for one interval. */
  async #waitForRate(): Promise<void> {
    if (this.#facts.deliveries <= 1) return;
    try {
      await sleep(this.#tools.intervalMs, undefined, {
        signal: AbortSignal.any([this.#stop.signal, this.#abort.signal]),
      });
    } catch {
      // It ends before it began.
    }
  }

  /** Goes on with what the last owners of the hosts had learned. */
  #learn(): void {
    const { fetcher, worker } = this.#tools;
    for (const lesson of this.#facts.lessons) {
      if (lesson === undefined) continue;
      const { worker: last, origins } = unpackLesson(lesson.text);
      for (const [origin, state] of origins) {
        // We have had it last, and know more than we have written down.
        if (last === worker && fetcher.learned(origin) !== undefined) continue;
        fetcher.learn(origin, state, lesson.ageMs);
      }
    }
  }

  #applyPauses(): void {
    const now = performance.now();
    for (const [at, key] of [...this.#left.keys()].entries()) {
      const ms = this.#facts.pausesMs[at] ?? 0;
      if (ms > 0) this.#tools.notePause(key, now + ms);
    }
    for (const origin of this.#origins) {
      const until = this.#tools.pausedUntil(hostKey(origin));
      if (until > now) this.#tools.fetcher.pause(origin, until);
    }
  }

  /** The origins that the requests of the chunk go to, and those that redirects of the same host often go to. */
  #findOrigins(): Set<string> {
    const origins = new Set<string>();
    for (const { input, progress } of this.#items) {
      const url = typeof input === 'string' ? input : String(input.url);
      const origin = progress?.trail?.origin ?? URL.parse(url)?.origin;
      if (origin !== undefined) origins.add(origin);
    }
    for (const key of this.#left.keys()) {
      for (const name of [key, `www.${key}`])
        for (const scheme of ['http', 'https']) origins.add(`${scheme}://${name}`);
    }
    return origins;
  }

  /**
   * Fetches everything at once; or after several owners have ended, one request after the other, so that the first one
   * without a record is the one that was being made.
   */
  async #fetchAll(): Promise<void> {
    if (this.#facts.deliveries <= maxHasty) return this.#fetch(this.#items);
    for (const item of this.#items) {
      if (this.#stop.signal.aborted) return;
      await this.#fetch([item]);
      await this.#tools.committer.flush();
    }
  }

  async #fetch(items: readonly Pending[]): Promise<void> {
    const { fetcher, committer, row } = this.#tools;
    const guard: Guard = {
      isOpen: () => !this.#isLost && this.#lease.isOpen(present()),
      owns: (origin) => this.#left.has(hostKey(origin)),
    };
    const inputs = items.map((item) => this.#inputOf(item));
    const signals = { stop: this.#stop.signal, signal: this.#abort.signal };
    this.#run = fetcher.guarded(inputs, guard, signals);
    try {
      for await (const result of this.#run.results) {
        const item = items[result.index]!;
        const settled = withProgress(result, item);
        this.#left.set(item.key, this.#left.get(item.key)! - 1);
        if (settled.kind === 'cancelled') this.#handBack(settled, item);
        else await committer.add(this.id, item.position, row(settled));
      }
    } catch (reason) {
      if (!this.#abort.signal.aborted || reason !== this.#abort.signal.reason) throw reason;
    }
  }

  #inputOf({ input, progress }: Pending): RequestInput | ContinuedRequest {
    if (progress === undefined) return input;
    const request = typeof input === 'string' ? { url: input } : input;
    const retries = Math.max(0, (request.retries ?? this.#tools.retries) - Math.max(0, progress.attempts - 1));
    const { trail } = progress;
    if (trail === undefined) return { ...request, retries };
    const { redirects, visited, body, optionsId: _, ...hop } = trail;
    const url = String(request.url);
    return new ContinuedRequest(
      { ...request, retries },
      { hop: { ...hop, url, body, id: request.id }, redirects, visited },
    );
  }

  /** Keeps what a request has behind it. A request that has nothing behind it needs no mention. */
  #handBack(result: CancelledResult, { index, input, line, progress: before }: Pending): void {
    const { cause } = result.error;
    const trail = cause instanceof Elsewhere ? plainTrail(cause, this.#tools.optionsId) : before?.trail;
    if (result.attempts === 0 && trail === undefined) return;
    const { attempts, elapsedMs, at } = result;
    const progress: Progress = {
      attempts,
      elapsedMs,
      ...(at !== undefined && { at }),
      ...(trail !== undefined && { trail }),
    };
    this.#back.push(packItem({ index, input, ...(line !== undefined && { line }), progress }));
  }

  #completion(): Completion {
    const now = performance.now();
    const pauses = [...this.#left.keys()]
      .map((key) => ({ key, ms: this.#tools.pausedUntil(key) - now }))
      .filter(({ ms }) => ms > 0);
    return { back: this.#back, pauses, heldMs: now - this.#takenAt };
  }

  /** What was learned of the hosts, for their next owners. */
  #lessons(): Lesson[] {
    const { fetcher, worker } = this.#tools;
    const learned = new Map<string, HostLesson['origins'][number][]>();
    for (const origin of this.#origins) {
      const state = fetcher.learned(origin);
      if (state === undefined) continue;
      const key = hostKey(origin);
      const origins = learned.get(key);
      if (origins === undefined) learned.set(key, [[origin, state]]);
      else origins.push([origin, state]);
    }
    return Array.from(learned, ([key, origins]) => ({ key, text: packLesson({ worker, origins }) }));
  }

  #end(reason: Error): void {
    this.#stop.abort();
    this.#abort.abort(reason);
  }
}

/** How often a chunk may be taken until its requests are made one after the other. */
const maxHasty = 2;

/** Tells whether a bit is set; the first is the highest of the first byte. */
function isSet(bits: Uint8Array, at: number): boolean {
  return ((bits[at >>> 3] ?? 0) & (0x80 >>> (at & 7))) !== 0;
}

/** Gives a result its index in the list, its line, and what it has behind it. */
function withProgress(result: FetchResult, { index, line, progress }: Item): FetchResult {
  const known = Object.assign(result, line === undefined ? { index } : { index, line });
  if (progress === undefined) return known;
  // The first attempt of a request that goes on is the one that was begun elsewhere.
  const continued = progress.trail === undefined || result.attempts === 0 ? 0 : 1;
  return Object.assign(known, {
    attempts: progress.attempts + result.attempts - continued,
    elapsedMs: progress.elapsedMs + result.elapsedMs,
    ...(progress.at !== undefined && { at: progress.at }),
  });
}

/**
 * Tells whether a request that was redirected begins again: the run has other options now, such as a new token, and its
 * trail has the headers of those before. One that may do harm when it is processed twice goes on.
 */
function mustRestart({ input, progress }: Item, optionsId: string): boolean {
  const method = typeof input === 'string' ? 'GET' : (input.method ?? 'GET').toUpperCase();
  return progress?.trail !== undefined && progress.trail.optionsId !== optionsId && idempotentMethods.has(method);
}

function plainTrail(
  { trail: { hop, redirects, visited } }: Elsewhere,
  optionsId: string,
): NonNullable<Progress['trail']> {
  const { method, origin, path, headers, body } = hop;
  return {
    optionsId,
    method,
    origin,
    path,
    headers: [...headers],
    ...(body !== undefined && { body }),
    redirects,
    visited,
  };
}
