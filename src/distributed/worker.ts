import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { createGuardedFetcher, type GuardedFetcher } from '../fetcher/fetcher.ts';
import { resolveOptions, type FetcherOptions } from '../fetcher/options.ts';
import { firstLimit } from '../scheduling/elastic-hosts.ts';
import { jsonl } from '../outputs/formats/jsonl.ts';
import { aborted } from './aborted.ts';
import { checkOptions, requireOnly } from './check-options.ts';
import { BrokerError, type Broker, type Chunk, type RunState, type WorkerFigures } from './broker.ts';
import { ChunkRun, type ChunkTools } from './chunk-run.ts';
import { Committer } from './commit.ts';
import { watchConnection } from './connection-watch.ts';
import { hostKey } from './host-key.ts';
import { Lease, present } from './lease.ts';
import { pause, persist } from './persist.ts';
import { openRedisBroker } from './redis/redis-broker.ts';
import { requireSafeServer } from './require-safe-server.ts';
import { protocol, unpackOptions } from './wire.ts';

/** Options of {@link runWorker}. */
export interface WorkerOptions {
  /** The URL of the Redis or Valkey server. */
  readonly queue: string;
  /** Name of the runs to work for. @default 'fetchmany' */
  readonly name?: string;
  /** Options that replace those of the run on this machine: `concurrency`, `rate`, `tls`, `addressGuard`. */
  readonly fetcher?: Pick<FetcherOptions, 'concurrency' | 'rate' | 'tls' | 'addressGuard'>;
  /** Ends with the run that it has served. @default false */
  readonly untilDone?: boolean;
  /** Starts nothing more once it aborts; what is in flight gets five seconds, then chunks are handed back. */
  readonly stop?: AbortSignal;
  /** Ends at once when it aborts: what is in flight is aborted, and chunks are handed back. */
  readonly signal?: AbortSignal;
  /** Receives what the worker does, about once a second during a run, and at its end. */
  readonly onState?: (figures: WorkerFigures) => void;
  /** Receives messages for people, each on one line. */
  readonly onNotice?: (message: string) => void;
}

/**
 * Fetches for the runs of a queue until `stop` or `signal` aborts, or with `untilDone` until a run has ended. Any number of workers
 * may serve a run, on any machines.
 *
 * @throws TypeError or RangeError for an unknown option or a wrong value; BrokerError if the queue cannot be used when the
 *   worker starts, or its run needs a later version; all as a rejection
 */
export async function runWorker(options: WorkerOptions): Promise<void> {
  checkOptions(task, options, knownOptions);
  // The limits of a host are those of the run.
  requireOnly(task, options.fetcher ?? {}, ['concurrency', 'rate', 'tls', 'addressGuard']);
  const { queue, name = 'fetchmany', signal = new AbortController().signal } = options;
  const broker = await openRedisBroker(queue, name);
  if (!(await isConnected(broker, signal))) return;
  const unwatch = watchConnection(broker, (message) => options.onNotice?.(message));
  try {
    await requireSafeServer(broker, () => {});
    await new Worker(broker, options).run();
  } finally {
    unwatch();
    broker.close();
  }
}

/** Connects. Resolves with false if the signal aborts before. */
async function isConnected(broker: Broker, signal: AbortSignal): Promise<boolean> {
  const close = (): void => broker.close();
  signal.addEventListener('abort', close, { once: true });
  try {
    if (!signal.aborted) await broker.connect();
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener('abort', close);
  }
  return !signal.aborted;
}

const task = 'run a worker';

const knownOptions = Object.keys({
  queue: 0,
  name: 0,
  fetcher: 0,
  untilDone: 0,
  stop: 0,
  signal: 0,
  onState: 0,
  onNotice: 0,
} satisfies Record<keyof WorkerOptions, 0>);

class Worker {
  readonly #broker: Broker;
  readonly #options: WorkerOptions;
  readonly #name = `${hostname()}-${process.pid}-${randomBytes(3).toString('hex')}`;
  readonly #stop: AbortSignal;
  readonly #signal: AbortSignal;
  #reportedAt = -Infinity;

  constructor(broker: Broker, options: WorkerOptions) {
    this.#broker = broker;
    this.#options = options;
    this.#signal = options.signal ?? new AbortController().signal;
    this.#stop = options.stop === undefined ? this.#signal : AbortSignal.any([options.stop, this.#signal]);
  }

  async run(): Promise<void> {
    try {
      await this.#serveRuns();
    } finally {
      await this.#broker.leave(this.#name).catch(() => {});
    }
  }

  async #serveRuns(): Promise<void> {
    const { untilDone = false, onNotice } = this.#options;
    let seen = (await this.#readRun())?.id;
    let isWaiting = false;
    while (!this.#stop.aborted) {
      const run = await this.#readRun();
      if (run?.state === 'running') {
        isWaiting = false;
        await this.#serve(run);
        seen = run.id;
        if (untilDone && (await this.#hasEnded(run))) return;
      } else if (untilDone && run?.state === 'ended' && run.id !== seen) {
        // It was over before we had a look at it.
        return;
      } else if (!isWaiting) {
        isWaiting = true;
        onNotice?.(`waiting for a run at ${this.#broker.address}`);
      }
      await this.#reportIdle();
      await pause(idleMs, this.#stop);
    }
  }

  /** Shows that it is there, at intervals, while it waits for a run. */
  async #reportIdle(): Promise<void> {
    const now = performance.now();
    if (now - this.#reportedAt < reportMs) return;
    this.#reportedAt = now;
    const nothing = { chunks: 0, inFlight: 0, concurrency: 0, left: 0, records: 0, perSecond: 0 };
    const figures = { host: hostname(), pid: process.pid, ...nothing };
    // A broker without memory or connection does not show it.
    await this.#broker.report(this.#name, figures).catch(() => {});
  }

  async #hasEnded({ id }: RunState): Promise<boolean> {
    const run = await this.#readRun();
    return run === undefined || run.id !== id || run.state === 'ended';
  }

  async #readRun(): Promise<RunState | undefined> {
    const run = await persist(() => this.#broker.readRun(), this.#stop).catch(() => undefined);
    if (run === undefined || run.protocol <= protocol) return run;
    throw new BrokerError(
      `the run at ${this.#broker.address} speaks protocol ${run.protocol}, this worker ${protocol}: install the version of the coordinator`,
    );
  }

  async #serve(run: RunState): Promise<void> {
    const { fetcher, onState, onNotice } = this.#options;
    const own = fetcher ?? {};
    const service = new Service(run, { broker: this.#broker, worker: this.#name, own, onState, onNotice });
    onNotice?.(`serving a run of ${run.total} requests at ${this.#broker.address}`);
    await service.run(this.#stop, this.#signal);
  }
}

/** The parts of a {@link Service}. */
interface ServiceParts {
  readonly broker: Broker;
  /** Name of the worker. */
  readonly worker: string;
  /** Options of this machine. */
  readonly own: FetcherOptions;
  readonly onState: WorkerOptions['onState'];
  readonly onNotice: WorkerOptions['onNotice'];
}

/** The work of one worker for one run. */
class Service {
  #run: RunState;
  readonly #onState: WorkerOptions['onState'];
  readonly #onNotice: WorkerOptions['onNotice'];
  readonly #broker: Broker;
  readonly #worker: string;
  readonly #perHost: number;
  readonly #fetcher: GuardedFetcher;
  readonly #tools: ChunkTools;
  readonly #chunks = new Map<string, ChunkRun>();
  readonly #running = new Set<Promise<void>>();
  /** When the pause of a host ends, in milliseconds on the monotonic clock. */
  readonly #pauses = new Map<string, number>();
  /** Aborted once no chunk is taken any more. */
  readonly #end = new AbortController();
  /** Aborted once nothing is awaited any more, the broker included. */
  readonly #leave = new AbortController();
  /** False while the broker does not know the run. */
  #isKnown = true;
  #records = 0;
  #perSecond = 0;
  #backlogBytes = 0;
  /** The run has other options than our fetcher: what is in flight finishes, then the run is served anew. */
  #isOutdated = false;
  #takenOverAt = -Infinity;
  #begunAt = -Infinity;

  constructor(run: RunState, { broker, worker, own, onState, onNotice }: ServiceParts) {
    this.#run = run;
    this.#onState = onState;
    this.#onNotice = onNotice;
    this.#broker = broker;
    this.#worker = worker;
    const ofRun = unpackOptions(run.options);
    const options: FetcherOptions = { ...ofRun, ...own, tls: { ...ofRun.tls, ...own.tls } };
    const { perHost, retry } = resolveOptions(options);
    this.#perHost = firstLimit(perHost);
    this.#fetcher = createGuardedFetcher(options, (origin, until) => this.#notePause(hostKey(origin), until, true));
    const committer = new Committer({
      broker,
      run: run.id,
      onRefused: () => this.#loseAll(),
      signal: this.#leave.signal,
    });
    const { row } = jsonl({ includeHeaders: run.includeHeaders });
    this.#committer = committer;
    this.#tools = {
      broker,
      worker,
      fetcher: this.#fetcher,
      committer,
      row: (result) => {
        this.#records += 1;
        return row(result);
      },
      optionsId: run.optionsId,
      retries: retry.retries,
      intervalMs: 1000 / perHost.rate,
      pausedUntil: (key) => this.#pauses.get(key) ?? 0,
      notePause: (key, until) => this.#notePause(key, until, false),
      signal: this.#leave.signal,
    };
  }

  readonly #committer: Committer;

  /** Serves the run until it ends, or until `stop` aborts. */
  async run(stop: AbortSignal, abort: AbortSignal): Promise<void> {
    const end = (): void => this.#stopTaking();
    stop.addEventListener('abort', end, { once: true });
    if (stop.aborted) end();
    const keeping = this.#keepLeases();
    const reporting = this.#report();
    try {
      await this.#takeChunks();
      // Its coordinator was killed, which is no reason to make a request again.
      if (this.#isOutdated) await Promise.race([Promise.all(this.#running), aborted([stop, abort])]);
      await this.#drain(abort);
    } finally {
      stop.removeEventListener('abort', end);
      this.#end.abort();
      this.#leave.abort();
      await Promise.all([keeping, reporting]);
      this.#onState?.(this.#figures());
      await this.#fetcher.close();
      await this.#broker.leave(this.#worker).catch(() => {});
    }
  }

  /** Takes chunks as long as those it has cannot fill its concurrency. */
  async #takeChunks(): Promise<void> {
    const { signal } = this.#end;
    while (!signal.aborted) {
      if (!this.#mayTake()) {
        await pause(busyMs, signal);
        continue;
      }
      try {
        const chunk = await this.#takeOne();
        if (chunk !== undefined) await this.#begin(chunk);
      } catch {
        // The broker is gone; it will be back.
        await pause(idleMs, signal);
      }
    }
  }

  #mayTake(): boolean {
    // After the server was replaced, nobody takes a chunk until the coordinator has accepted the new one.
    if (!this.#isKnown || this.#broker.serverId !== this.#run.server) return false;
    if (this.#chunks.size >= maxChunks || this.#backlogBytes > maxBacklogBytes) return false;
    let room = 0;
    for (const chunk of this.#chunks.values()) room += chunk.room(this.#perHost);
    const { inFlight, concurrency } = this.#fetcher.load();
    if (room < concurrency) return true;
    // Hosts with a slow rate keep fewer requests in flight than they may.
    return performance.now() - this.#begunAt > settleMs && inFlight < concurrency / 2;
  }

  async #takeOne(): Promise<Chunk | undefined> {
    const now = performance.now();
    const { leaseMs } = this.#run;
    if (now - this.#takenOverAt > leaseMs / 8) {
      const chunk = await this.#broker.takeOver(this.#worker, leaseMs);
      if (chunk !== undefined) return chunk;
      this.#takenOverAt = now;
    }
    // Only a worker with nothing else to do may wait long: taking over is done in between.
    return this.#broker.take(this.#worker, Math.min(takeWaitMs, leaseMs / 8));
  }

  /** Confirms a chunk and starts it. Reading it may have taken longer than its lease. */
  async #begin(chunk: Chunk): Promise<void> {
    const sentAt = present();
    const [isOurs] = await this.#broker.renew(this.#worker, [chunk.id]);
    if (!isOurs || this.#chunks.has(chunk.id)) return;
    const facts = await this.#broker.facts(chunk.id, ChunkRun.keysOf(chunk));
    if (chunk.run !== this.#run.id || facts.optionsId !== this.#run.optionsId) {
      // Another run has begun while we waited for a chunk, or this one goes on with other options.
      await this.#broker.complete(this.#worker, chunk.id, { back: [], pauses: [], heldMs: 0 }, []);
      this.#follow(await this.#broker.readRun());
      return;
    }
    const lease = new Lease(this.#run.leaseMs, sentAt);
    const run = new ChunkRun(chunk, facts, lease, this.#tools);
    const takenOver = facts.deliveries - 1;
    if (takenOver >= (run.left <= 1 ? maxTakenOverAlone : maxTakenOver)) {
      const completion = { back: [], pauses: [], heldMs: 0, takenTooOften: takenOver };
      await this.#broker.complete(this.#worker, chunk.id, completion, []);
      return;
    }
    if (this.#end.signal.aborted) run.stop();
    this.#begunAt = performance.now();
    this.#chunks.set(chunk.id, run);
    const running = this.#see(run);
    this.#running.add(running);
    void running.finally(() => this.#running.delete(running));
  }

  /** Runs a chunk to its end. */
  async #see(run: ChunkRun): Promise<void> {
    try {
      await run.run();
    } catch (reason) {
      if (!this.#leave.signal.aborted) throw reason;
    } finally {
      this.#chunks.delete(run.id);
    }
  }

  async #keepLeases(): Promise<void> {
    const { leaseMs } = this.#run;
    while (!this.#leave.signal.aborted) {
      await pause(leaseMs / 3, this.#leave.signal);
      await this.#renewAll();
    }
  }

  async #renewAll(): Promise<void> {
    const chunks = [...this.#chunks.values()];
    const sentAt = present();
    try {
      const held = await this.#broker.renew(
        this.#worker,
        chunks.map(({ id }) => id),
      );
      for (const [at, chunk] of chunks.entries()) {
        if (held[at]) chunk.renew(sentAt);
        else chunk.lose();
      }
    } catch {
      // Each chunk ends by itself when its lease does.
    }
  }

  /** Reports to the broker, and looks after what changes slowly. */
  async #report(): Promise<void> {
    const { signal } = this.#leave;
    let before = { at: performance.now(), records: 0 };
    while (!signal.aborted) {
      const now = performance.now();
      if (now - before.at >= reportMs) {
        this.#perSecond = ((this.#records - before.records) * 1000) / (now - before.at);
        before = { at: now, records: this.#records };
      }
      const figures = this.#figures();
      this.#onState?.(figures);
      try {
        this.#follow(await this.#broker.report(this.#worker, figures));
        this.#backlogBytes = (await this.#broker.backlog()).bytes;
      } catch {
        // The leases tell whether we may go on.
      }
      for (const chunk of this.#chunks.values()) chunk.yieldIfPaused(longPauseMs);
      for (const [key, until] of this.#pauses) if (until <= now) this.#pauses.delete(key);
      // A worker without work looks out for the next run.
      await pause(Math.min(this.#chunks.size === 0 ? idleMs : reportMs, this.#run.leaseMs / 3), signal);
    }
  }

  /** Does as the run says. */
  #follow(run: RunState | undefined): void {
    // Where the broker has forgotten the run, the coordinator announces it again.
    this.#isKnown = run !== undefined;
    if (run === undefined) return;
    const isOurs = run.id === this.#run.id;
    if (isOurs && run.state === 'running' && run.optionsId === this.#run.optionsId) {
      this.#run = run;
      return;
    }
    if (!isOurs || run.state === 'ended') this.#loseAll();
    else if (run.state === 'running') this.#noteOutdated();
    this.#stopTaking();
  }

  #noteOutdated(): void {
    if (!this.#isOutdated) this.#onNotice?.('the run goes on with other options; finishing what is in flight');
    this.#isOutdated = true;
  }

  /** Takes no more chunks, and starts nothing more of those it has. */
  #stopTaking(): void {
    this.#end.abort();
    for (const chunk of this.#chunks.values()) chunk.stop();
  }

  #loseAll(): void {
    for (const chunk of this.#chunks.values()) chunk.lose();
  }

  /** Lets what is in flight finish, and waits until all chunks are handed back. */
  async #drain(abort: AbortSignal): Promise<void> {
    const abortAll = (): void => {
      for (const chunk of this.#chunks.values()) chunk.abort();
    };
    const timer = setTimeout(abortAll, graceMs);
    // The broker may be gone for good: then leases end by themselves.
    const limit = setTimeout(() => this.#leave.abort(), graceMs + this.#run.leaseMs);
    const looking = setInterval(() => {
      if (abort.aborted && this.#broker.serverId === undefined) this.#leave.abort();
    }, busyMs);
    abort.addEventListener('abort', abortAll, { once: true });
    if (abort.aborted) abortAll();
    try {
      await Promise.all(this.#running);
      await this.#committer.flush().catch(() => {});
    } finally {
      clearTimeout(timer);
      clearTimeout(limit);
      clearInterval(looking);
      abort.removeEventListener('abort', abortAll);
    }
  }

  #notePause(key: string, until: number, isNews: boolean): void {
    if (until <= (this.#pauses.get(key) ?? 0)) return;
    this.#pauses.set(key, until);
    if (isNews) this.#committer.pause(key, until);
  }

  #figures(): WorkerFigures {
    let left = 0;
    for (const chunk of this.#chunks.values()) left += chunk.left;
    const { inFlight, concurrency } = this.#fetcher.load();
    return {
      host: hostname(),
      pid: process.pid,
      chunks: this.#chunks.size,
      inFlight,
      concurrency,
      left,
      records: this.#records,
      perSecond: Math.round(this.#perSecond * 10) / 10,
    };
  }
}

/** Milliseconds between two looks at what has not changed. */
const idleMs = 250;
const busyMs = 20;
/** Milliseconds after which a chunk that was begun shows in the requests in flight. */
const settleMs = 250;
const reportMs = 1000;
const takeWaitMs = 250;
/** Milliseconds that requests in flight get to finish. */
const graceMs = 5000;
/** A chunk whose hosts are all paused for longer is handed back. */
const longPauseMs = 10_000;
/** Chunks that a worker has at most. */
const maxChunks = 64;
/** Bytes of records that wait for the coordinator, beyond which no chunk is taken. */
const maxBacklogBytes = 64 * 1024 * 1024;
/** How often a chunk may be taken over before its first request is set apart; and a single one, before it is given up. */
const maxTakenOver = 4;
const maxTakenOverAlone = 3;
