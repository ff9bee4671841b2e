import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { resolveOptions, type FetcherOptions } from '../fetcher/options.ts';
import type { ResultRecord } from '../http/record.ts';
import { fsyncPolicies, type FsyncPolicy } from '../journal/appender.ts';
import { firstLimit } from '../scheduling/elastic-hosts.ts';
import { OutputError } from '../outputs/files/output-error.ts';
import { complaint } from '../check.ts';
import { aborted } from './aborted.ts';
import { Announcement } from './announcement.ts';
import type { Broker, RunState } from './broker.ts';
import { checkOptions, requireLease, requireWord } from './check-options.ts';
import { Collector } from './collector.ts';
import { watchConnection } from './connection-watch.ts';
import { Frontier } from './frontier.ts';
import { holdOf } from './first-hold.ts';
import { OutstandingChunks } from './outstanding-chunks.ts';
import { pause, persist } from './persist.ts';
import { readList, type ListedInput, type ReadList } from './read-list.ts';
import { openRedisBroker } from './redis/redis-broker.ts';
import { requireSafeServer } from './require-safe-server.ts';
import { RunName } from './run-name.ts';
import { RunRecords } from './run-records.ts';
import { RunReport, type CoordinatorState } from './run-report.ts';
import { Spool, type SpoolLimits } from './spool.ts';
import { Supply, type SupplyLimits } from './supply.ts';
import { optionsIdOf, packOptions, protocol, requirePlainOptions } from './wire.ts';

/** Options of {@link coordinate}. */
export interface CoordinatorOptions {
  /** The URL of the Redis or Valkey server. */
  readonly queue: string;
  /** Name of the run, by which workers find it. @default 'fetchmany' */
  readonly name?: string;
  /** The list. It is read once, before the first request is made. */
  readonly inputs: AsyncIterable<ListedInput>;
  /** The file of records (JSON Lines). */
  readonly output: string;
  /** `new` refuses a file that is not empty, `overwrite` empties it, `resume` continues it. @default 'new' */
  readonly start?: 'new' | 'overwrite' | 'resume';
  /** With `resume`: makes requests again whose record is not ok. @default false */
  readonly retryFailed?: boolean;
  /** When records are flushed to disk. @default 'second' */
  readonly fsync?: FsyncPolicy;
  /** Includes the response headers in records. @default false */
  readonly includeHeaders?: boolean;
  /** Options of the workers' fetchers. */
  readonly fetcher?: FetcherOptions;
  /** Milliseconds after which the chunk of a worker that is not heard of goes to another one. @default 30_000 */
  readonly leaseMs?: number;
  /** Hands out no more once it aborts; records of what is in flight are still taken. */
  readonly stop?: AbortSignal;
  /** Ends at once: resolves with what is left. */
  readonly signal?: AbortSignal;
  /** Receives the number of requests that have their record from earlier runs, once the list has been read. */
  readonly onBefore?: (done: number) => void;
  /** Receives each record once it is written. */
  readonly onRecord?: (record: ResultRecord) => void;
  /** Receives the state of the run, about once a second. */
  readonly onState?: (state: CoordinatorState) => void;
  /** Receives messages for people, each on one line. */
  readonly onNotice?: (message: string) => void;
}

/** The end of a run. */
export interface CoordinatorEnd {
  /** Requests of the list. */
  readonly total: number;
  /** Requests that had their record before, and those of them that were not ok. */
  readonly before: { readonly done: number; readonly notOk: number };
  /** Requests that have no record. */
  readonly left: number;
}

/**
 * Has the requests of a list made by workers, and writes their records to one file, one for each input. Resolves once all
 * have their record, or after `stop`.
 *
 * @throws TypeError or RangeError for an unknown option or a wrong value; BrokerError if the queue cannot be used, or another
 *   coordinator has the name; OutputError if the file cannot be written, or does not belong to this list; the reason of
 *   `signal` if it has aborted before; all as a rejection
 */
export async function coordinate(options: CoordinatorOptions): Promise<CoordinatorEnd> {
  check(options);
  options.signal?.throwIfAborted();
  const broker = await openRedisBroker(options.queue, options.name ?? 'fetchmany');
  await broker.connect();
  try {
    return await coordinateOn(broker, options);
  } finally {
    broker.close();
  }
}

const task = 'coordinate a run';

function check(options: CoordinatorOptions): void {
  checkOptions(task, options, knownOptions);
  const { inputs, output, start, fsync, leaseMs } = options;
  if (typeof (inputs as Partial<typeof inputs> | undefined)?.[Symbol.asyncIterator] !== 'function') {
    throw new TypeError(complaint(task, 'inputs', 'an async iterable', inputs));
  }
  if (typeof output !== 'string' || output === '')
    throw new TypeError(complaint(task, 'output', 'a file name', output));
  requireWord(task, 'start', start, ['new', 'overwrite', 'resume']);
  requireWord(task, 'fsync', fsync, fsyncPolicies);
  requireLease(task, leaseMs);
}

const knownOptions = Object.keys({
  queue: 0,
  name: 0,
  inputs: 0,
  output: 0,
  start: 0,
  retryFailed: 0,
  fsync: 0,
  includeHeaders: 0,
  fetcher: 0,
  leaseMs: 0,
  stop: 0,
  signal: 0,
  onBefore: 0,
  onRecord: 0,
  onState: 0,
  onNotice: 0,
} satisfies Record<keyof CoordinatorOptions, 0>);

/** As {@link coordinate}, over a broker that is connected. */
export async function coordinateOn(
  broker: Broker,
  options: Omit<CoordinatorOptions, 'queue'>,
  limits: CoordinatorLimits = {},
): Promise<CoordinatorEnd> {
  const unwatch = watchConnection(broker, (message) => options.onNotice?.(message));
  try {
    return await new Coordinator(broker, options, limits).run();
  } finally {
    unwatch();
  }
}

/** How much the coordinator has in memory, where that is not as usual. */
export interface CoordinatorLimits {
  readonly supply?: SupplyLimits;
  readonly spool?: SpoolLimits;
  /** Requests that are out at once. */
  readonly out?: number;
}

class Coordinator {
  readonly #broker: Broker;
  readonly #options: Omit<CoordinatorOptions, 'queue'>;
  readonly #leaseMs: number;
  readonly #stop: AbortSignal;
  readonly #signal: AbortSignal;
  readonly #intervalMs: number;
  readonly #name: RunName;
  readonly #records: RunRecords;
  readonly #spool: Spool;
  readonly #supply: Supply;
  readonly #chunks: OutstandingChunks;
  readonly #collector: Collector;
  readonly #report: RunReport;
  /** Inputs that are in a chunk that an earlier coordinator handed out. */
  readonly #adopted = new Set<number>();
  readonly #notice = (message: string): void => this.#options.onNotice?.(message);
  /** Aborted once the run is over. */
  readonly #end = new AbortController();
  /** Chunks that nobody had were taken back, after `stop`. */
  #isWithdrawn = false;
  /** What ends the run before its time. */
  #failure: unknown;

  constructor(broker: Broker, options: Omit<CoordinatorOptions, 'queue'>, limits: CoordinatorLimits) {
    const { name = 'fetchmany', output, start = 'new', leaseMs = 30_000, stop, signal, fetcher, onState } = options;
    const { retryFailed = false, fsync = 'second', onRecord } = options;
    this.#broker = broker;
    this.#options = options;
    this.#leaseMs = leaseMs;
    this.#stop = stop ?? new AbortController().signal;
    this.#signal = signal ?? new AbortController().signal;
    const { perHost } = resolveOptions(fetcher);
    this.#intervalMs = 1000 / perHost.rate;
    const perSecond = Math.min(perHost.rate, firstLimit(perHost) * 5);
    const records = new RunRecords({ output, start, retryFailed, fsync, onRecord });
    const frontier = new Frontier({ intervalMs: this.#intervalMs, perSecond });
    this.#records = records;
    this.#name = new RunName({ broker, name, leaseMs, onNotice: this.#notice });
    this.#spool = new Spool(`${output}.spool`, limits.spool);
    const adopted = this.#adopted;
    // What is adopted is in its chunk, and in the list: there it is passed over, once.
    const isWanted = (index: number): boolean => !records.has(index) && !adopted.delete(index);
    const supply = new Supply({ spool: this.#spool, frontier, isWanted, limits: limits.supply });
    const adopt = (index: number): void => void adopted.add(index);
    const chunks = new OutstandingChunks({ broker, records, frontier, supply, adopt, mostRequests: limits.out });
    this.#supply = supply;
    this.#chunks = chunks;
    this.#collector = new Collector({ broker, records, chunks });
    this.#report = new RunReport({ broker, name, records, chunks, leaseMs, onState, onNotice: this.#notice });
  }

  async run(): Promise<CoordinatorEnd> {
    await requireSafeServer(this.#broker, this.#notice);
    requirePlainOptions(this.#options.fetcher ?? {});
    const writtenAt = modifiedAt(this.#options.output);
    const records = this.#records;
    try {
      await records.open(this.#stop);
      await this.#name.take(this.#stop);
      this.#spool.claim();
      const list = await this.#readList();
      this.#options.onBefore?.(records.before.done);
      if (records.left > 0 && !this.#stop.aborted) await this.#coordinate(await this.#begin(list, writtenAt));
    } catch (error) {
      // Ended before the first chunk.
      if (!this.#signal.aborted || error !== this.#signal.reason) throw error;
    } finally {
      this.#end.abort();
      this.#spool.close();
      await this.#name.release();
      await records.close();
    }
    return { total: records.total, before: records.before, left: records.left };
  }

  #readList(): Promise<ReadList> {
    const { inputs, output, start } = this.#options;
    return readList(inputs, {
      records: this.#records,
      supply: this.#supply,
      name: this.#name,
      output,
      isResumed: start === 'resume',
      stop: this.#stop,
    });
  }

  /** Takes over what an earlier coordinator left, if it was for the same list; else removes it. */
  async #begin({ fingerprint, firstOrigin }: ReadList, writtenAt: number | undefined): Promise<Announcement> {
    const earlier = await persist(() => this.#broker.readRun(), this.#signal);
    const isSame = this.#isContinued(earlier, fingerprint);
    const server = await this.#server();
    const { fetcher = {}, includeHeaders = false } = this.#options;
    const options = packOptions(fetcher, firstOrigin);
    const run: RunState = {
      id: isSame ? earlier!.id : randomBytes(8).toString('hex'),
      protocol,
      state: 'running',
      server,
      options,
      includeHeaders,
      optionsId: optionsIdOf(options, includeHeaders),
      leaseMs: isSame ? earlier!.leaseMs : this.#leaseMs,
      fingerprint,
      total: this.#records.total,
    };
    const isOpen = earlier?.state !== 'ended' && earlier?.server === server;
    const isDrained = !isSame && isOpen && (await this.#isDrained());
    const sinceMs = writtenAt === undefined ? Infinity : Date.now() - writtenAt;
    const hold = holdOf({ earlier, isSame, isDrained, sinceMs }, run, this.#intervalMs);
    if (hold.notice !== undefined) this.#notice(hold.notice);
    const holdUntil = performance.now() + hold.ms;
    const { heldServer } = hold;
    const announcement = new Announcement({ broker: this.#broker, run, holdUntil, heldServer, onNotice: this.#notice });
    if (isSame) await this.#chunks.adopt(this.#signal);
    else await this.#clear(announcement, heldServer !== undefined);
    await announcement.begin(this.#signal);
    if (!isSame) return announcement;
    await this.#collector.drain(this.#signal);
    this.#noteContinued(earlier!, run);
    return announcement;
  }

  #noteContinued(earlier: RunState, run: RunState): void {
    const change = run.optionsId === earlier.optionsId ? '' : ' with other options';
    this.#notice(`continuing a run${change}: ${this.#chunks.size} chunks are with workers or in the queue`);
    if (run.leaseMs === this.#leaseMs) return;
    this.#notice(`the lease of a run that is continued does not change: it stays ${run.leaseMs / 1000} s`);
  }

  #isContinued(earlier: RunState | undefined, fingerprint: string): boolean {
    return (
      earlier !== undefined &&
      earlier.state !== 'ended' &&
      earlier.fingerprint === fingerprint &&
      earlier.protocol === protocol &&
      this.#options.start === 'resume'
    );
  }

  /**
   * Tells whether no worker has a chunk of an earlier run. What nobody has is taken back first: nobody publishes any more,
   * so nobody can take one after we have looked.
   */
  async #isDrained(): Promise<boolean> {
    const broker = this.#broker;
    await persist(() => broker.withdraw(), this.#signal);
    const { out, taken } = await persist(() => broker.countChunks(), this.#signal);
    return out === 0 && taken === 0;
  }

  /** Removes what an earlier run left. Records that its workers would hand over after that must not count as ours. */
  async #clear(announcement: Announcement, isAtWork: boolean): Promise<void> {
    if (isAtWork) await announcement.replaceEarlier(this.#signal);
    await persist(() => this.#broker.clear(), this.#signal);
  }

  /** Resolves with the id of the server once it is known. */
  async #server(): Promise<string> {
    return persist(async () => (await this.#broker.server()).id, this.#signal);
  }

  /** Hands out and collects, until all have their record. */
  async #coordinate(announcement: Announcement): Promise<void> {
    const end = (): void => this.#end.abort();
    this.#signal.addEventListener('abort', end, { once: true });
    if (this.#signal.aborted) end();
    const { signal } = this.#end;
    const isOver = (): boolean => this.#isOver;
    const tending = [
      this.#orFail(this.#handOut(announcement)),
      this.#orFail(this.#syncAndTrim()),
      this.#orFail(this.#name.keep(signal)),
      this.#orFail(this.#reconcile(announcement)),
      this.#orFail(this.#report.keep(isOver, signal)),
      this.#stopHandingOut(announcement),
    ];
    try {
      await this.#orFail(this.#collector.collect(isOver, signal));
    } finally {
      end();
      this.#signal.removeEventListener('abort', end);
      await Promise.all(tending);
    }
    if (this.#failure !== undefined) throw this.#failure;
    await this.#finish(announcement);
  }

  /** Ends the run with the first failure of its parts. */
  async #orFail(part: Promise<void>): Promise<void> {
    try {
      await part;
    } catch (error) {
      this.#failure ??= error;
      this.#end.abort();
    }
  }

  /** Ends the run in the broker as far as that can be reached. */
  async #finish(announcement: Announcement): Promise<void> {
    await this.#collector.sync();
    try {
      if (this.#records.left === 0) {
        await announcement.end();
        await this.#broker.clear();
      }
      await this.#report.leave();
    } catch {
      // What is left there is removed by the next run.
    }
  }

  get #isOver(): boolean {
    const isStopped = this.#isWithdrawn && this.#chunks.size === 0;
    return this.#records.left === 0 || this.#end.signal.aborted || isStopped;
  }

  async #handOut(announcement: Announcement): Promise<void> {
    while (!this.#isOver) {
      const now = performance.now();
      if (!this.#stop.aborted && this.#name.isOurs(now) && announcement.isOpen(now)) {
        this.#supply.fill(now);
        this.#chunks.cut(announcement.id, this.#report.demand);
        await this.#chunks.publish();
      }
      await pause(publishMs, this.#end.signal);
    }
  }

  async #syncAndTrim(): Promise<void> {
    while (!this.#isOver) {
      await pause(syncMs, this.#end.signal);
      await this.#collector.sync();
    }
  }

  /** Looks whether the broker knows what we take it to know: the run often, the chunks once per lease. */
  async #reconcile(announcement: Announcement): Promise<void> {
    let comparedAt = performance.now();
    while (!this.#isOver) {
      await pause(Math.min(reconcileMs, this.#leaseMs / 4), this.#end.signal);
      const now = performance.now();
      try {
        if (await announcement.isForgotten()) {
          await this.#hold(announcement, now);
        } else if (now - comparedAt >= this.#leaseMs) {
          comparedAt = now;
          await this.#chunks.compare();
        }
      } catch (error) {
        if (error instanceof OutputError) throw error;
        // The broker is gone; tried again soon.
      }
    }
  }

  /** Hands out nothing for one lease, then accepts the server. */
  async #hold(announcement: Announcement, now: number): Promise<void> {
    if (!announcement.hold(now)) return announcement.accept(now, () => this.#chunks.compare());
    this.#collector.rewind();
    await this.#chunks.compare();
  }

  /** Once told to stop: takes back what nobody has, and has the workers end. */
  async #stopHandingOut(announcement: Announcement): Promise<void> {
    await aborted([this.#stop, this.#end.signal]);
    if (!this.#stop.aborted) return;
    try {
      await announcement.stop();
      await this.#chunks.withdraw();
    } catch {
      // The next run finds them.
    }
    this.#isWithdrawn = true;
  }
}

const publishMs = 20;
const syncMs = 250;
const reconcileMs = 1000;

/** Returns when a file was last written, in milliseconds since 1970; undefined if there is none. */
function modifiedAt(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs;
}
