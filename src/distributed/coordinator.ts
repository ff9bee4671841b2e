import { createHash, randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { createFetcher } from '../fetcher/fetcher.ts';
import { resolveOptions, type FetcherOptions } from '../fetcher/options.ts';
import { firstLimit } from '../scheduling/elastic-hosts.ts';
import { FetchError } from '../http/error.ts';
import type { ListEntry } from '../http/list-entry.ts';
import type { ResultRecord } from '../http/record.ts';
import { parseRequest, visibleRequest, type RequestInput } from '../http/request.ts';
import type { FsyncPolicy, RecordsOutput } from '../journal/appender.ts';
import { openRecords } from '../journal/open-records.ts';
import { textsOf } from '../journal/record-line.ts';
import { jsonl } from '../outputs/formats/jsonl.ts';
import { OutputError } from '../outputs/files/output-error.ts';
import {
  BrokerError,
  BrokerFullError,
  type Broker,
  type Chunk,
  type Completion,
  type OutEntry,
  type RunState,
} from './broker.ts';
import { DoneSet } from './done-set.ts';
import { Frontier } from './frontier.ts';
import { firstAndRest, outChunk, requestsOf, type OutChunk } from './outstanding.ts';
import { pause, persist } from './persist.ts';
import { openRedisBroker } from './redis/redis-broker.ts';
import { Spool } from './spool.ts';
import { Supply } from './supply.ts';
import {
  decompress,
  indexOfLine,
  packHosts,
  packInput,
  packOptions,
  requirePlainOptions,
  protocol,
  unpackHosts,
  unpackLine,
} from './wire.ts';

/** One input of a list with its place there. */
export interface ListedInput extends Pick<ListEntry, 'line'> {
  readonly input: RequestInput;
}

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
  /** Ends at once. */
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

/** The state of a run at one moment. */
export interface CoordinatorState {
  /** Workers that were heard of lately. */
  readonly workers: number;
  readonly inFlight: number;
  /** Requests that the workers may have in flight together. */
  readonly concurrency: number;
  /** Hosts that are paused, with the milliseconds left. */
  readonly paused: readonly { readonly key: string; readonly ms: number }[];
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
 * @throws BrokerError if the queue cannot be used, or another coordinator has the name; OutputError if the file cannot be
 *   written, or does not belong to this list; both as a rejection
 */
export async function coordinate(options: CoordinatorOptions): Promise<CoordinatorEnd> {
  const broker = await openRedisBroker(options.queue, options.name ?? 'fetchmany');
  await broker.connect();
  try {
    return await new Coordinator(broker, options).run();
  } finally {
    broker.close();
  }
}

class Coordinator {
  readonly #broker: Broker;
  readonly #options: CoordinatorOptions;
  readonly #leaseMs: number;
  readonly #token = randomBytes(12).toString('hex');
  readonly #done = new DoneSet();
  /** Inputs that are in a chunk that an earlier coordinator handed out. */
  readonly #adopted = new Set<number>();
  readonly #frontier: Frontier;
  readonly #spool: Spool;
  readonly #supply: Supply;
  readonly #out = new Map<string, OutChunk>();
  readonly #stop: AbortSignal;
  readonly #signal: AbortSignal;
  readonly #intervalMs: number;
  readonly #fetcher = createFetcher();
  readonly #row = jsonl().row;
  /** Aborted once the run is over. */
  readonly #end = new AbortController();
  #output: RecordsOutput | undefined;
  #run: RunState | undefined;
  #before = { done: 0, notOk: 0 };
  /** Inputs whose record of an earlier run is not ok. */
  readonly #notOk = new DoneSet();
  #total = 0;
  #firstOrigin: string | undefined;
  /** Inputs without a record. */
  #left = 0;
  #ok = 0;
  #written = 0;
  /** Chunks that were cut and that the broker has not confirmed. */
  #unpublished: Chunk[] = [];
  /** The last entry that was read, written and synced. */
  #readId = '0';
  #trimmedId = '0';
  #chunkNumber = 0;
  #chunkTime = 0;
  #lockedAt = -Infinity;
  /** Nothing is handed out before this time: an owner that the broker has forgotten may still be at work. */
  #holdUntil = 0;
  /** The server was replaced or emptied, and its successor is not accepted yet. */
  #isHeld = false;
  /** What the workers handed over is to be read from its beginning. */
  #isRewound = false;
  #workers = 1;
  #heldChunks = 0;
  /** Chunks that nobody had were taken back, after `stop`. */
  #isWithdrawn = false;
  /** The broker had no room at the last renewal. */
  #isFull = false;
  #failure: unknown;

  constructor(broker: Broker, options: CoordinatorOptions) {
    const { leaseMs = 30_000, stop, signal, fetcher, output } = options;
    this.#broker = broker;
    this.#options = options;
    this.#leaseMs = leaseMs;
    this.#stop = stop ?? new AbortController().signal;
    this.#signal = signal ?? new AbortController().signal;
    const { perHost } = resolveOptions(fetcher);
    this.#intervalMs = 1000 / perHost.rate;
    this.#frontier = new Frontier({
      intervalMs: this.#intervalMs,
      perSecond: Math.min(perHost.rate, firstLimit(perHost) * 5),
    });
    this.#spool = new Spool(`${output}.spool`);
    this.#supply = new Supply(this.#spool, this.#frontier, (index) => this.#isWanted(index));
  }

  async run(): Promise<CoordinatorEnd> {
    await this.#requireSafeServer();
    requirePlainOptions(this.#options.fetcher ?? {});
    const writtenAt = modifiedAt(this.#options.output);
    try {
      this.#output = await this.#openOutput();
      await this.#takeName();
      const fingerprint = await this.#spoolList();
      this.#done.forgetTexts();
      this.#options.onBefore?.(this.#before.done);
      if (this.#left > 0 && !this.#stop.aborted) await this.#begin({ fingerprint, writtenAt });
      await this.#loop();
      return { total: this.#total, before: this.#before, left: this.#left };
    } finally {
      this.#end.abort();
      this.#spool.close();
      await this.#broker.unlock(this.#token).catch(() => {});
      await this.#fetcher.close();
      await this.#output?.close();
    }
  }

  /** Refuses a server that would drop work. */
  async #requireSafeServer(): Promise<void> {
    const { evictionPolicy, maxBytes, isPersistent } = await this.#broker.server();
    const { address } = this.#broker;
    if (maxBytes > 0 && evictionPolicy !== 'noeviction') {
      throw new BrokerError(
        `the queue at ${address} drops data when its memory is full (maxmemory-policy ${evictionPolicy}); set maxmemory-policy noeviction`,
      );
    }
    if (!isPersistent) {
      this.#notice(
        `the queue at ${address} does not write to disk (appendonly no): if it crashes, requests in progress are sent again`,
      );
    }
  }

  /** Opens the output, and reads the records of earlier runs back. */
  #openOutput(): Promise<RecordsOutput> {
    const { output, start = 'new', fsync = 'second', retryFailed = false } = this.#options;
    return openRecords(output, {
      start,
      fsync,
      signal: this.#stop,
      take: ({ index, texts, state }) => {
        const isDone = state === 'ok' || (state === 'not ok' && !retryFailed);
        this.#done.addEarlier(index, texts, isDone);
        this.#notOk.set(index, state === 'not ok');
      },
    });
  }

  /** Waits for the name, as long as an earlier coordinator that was killed would keep it. */
  async #takeName(): Promise<void> {
    const until = performance.now() + this.#leaseMs * 1.5;
    let isTold = false;
    while (!(await this.#broker.lock(this.#token, this.#leaseMs))) {
      if (performance.now() > until || this.#stop.aborted) {
        const name = this.#options.name ?? 'fetchmany';
        throw new BrokerError(
          `another run named ${name} is active at ${this.#broker.address}: wait until it ends, or choose another --name`,
        );
      }
      if (!isTold) this.#notice('another coordinator has a lease on this run; waiting until it expires');
      isTold = true;
      await pause(Math.min(1000, this.#leaseMs / 4), this.#stop);
    }
    this.#lockedAt = performance.now();
  }

  /** Reads the list to its end. Resolves with its fingerprint. */
  async #spoolList(): Promise<string> {
    const hash = createHash('sha256');
    let renewAt = performance.now() + this.#leaseMs / 3;
    for await (const { input, line } of this.#options.inputs) {
      if (this.#stop.aborted) break;
      const index = this.#total;
      this.#total += 1;
      this.#requireSameList(index, input);
      const isDone = this.#done.has(index);
      if (isDone) this.#countEarlier(index);
      else this.#left += 1;
      const packed = packInput(index, input, line);
      if (packed !== undefined) this.#firstOrigin ??= originOf(input);
      hash.update(packed === undefined ? `${index}\tinvalid\n` : `${packed.line}\n`);
      if (!isDone && packed !== undefined) this.#spool.add(packed);
      if (!isDone && packed === undefined) await this.#settle(index, input, line);
      if (performance.now() > renewAt) {
        renewAt = performance.now() + this.#leaseMs / 3;
        await this.#renewName().catch(() => {});
      }
    }
    return hash.digest('hex');
  }

  #countEarlier(index: number): void {
    this.#before.done += 1;
    if (this.#notOk.has(index)) this.#before.notOk += 1;
  }

  /** A record belongs to the line of its index. In another list, the line would be taken for done. */
  #requireSameList(index: number, input: RequestInput): void {
    if ((this.#options.start ?? 'new') !== 'resume') return;
    if (this.#done.agrees(index, textsOf(visibleRequest(input)))) return;
    throw new OutputError(
      this.#options.output,
      `request ${index + 1} of the list differs from its record; resume without --queue, or with the same list`,
    );
  }

  /** Takes over what an earlier coordinator left, if it was for the same list; else removes it. */
  async #begin({ fingerprint, writtenAt }: Beginning): Promise<void> {
    const earlier = await persist(() => this.#broker.readRun(), this.#signal);
    const isSame =
      earlier !== undefined &&
      earlier.state !== 'ended' &&
      earlier.fingerprint === fingerprint &&
      earlier.protocol === protocol &&
      this.#options.start === 'resume';
    const server = await this.#server();
    const { includeHeaders = false } = this.#options;
    const state = 'running' as const;
    const { id } = isSame ? earlier : { id: randomBytes(8).toString('hex') };
    const options = packOptions(this.#options.fetcher ?? {}, this.#firstOrigin);
    const list = { fingerprint, total: this.#total };
    this.#run = { id, protocol, state, server, options, includeHeaders, leaseMs: this.#leaseMs, ...list };
    const now = performance.now();
    // Workers of another run may still be at work on these hosts, or those of this run on a server that is gone.
    const mayBeAtWork = earlier !== undefined && earlier.state !== 'ended' && !(isSame && earlier.server === server);
    this.#isHeld = mayBeAtWork;
    if (mayBeAtWork) this.#holdUntil = now + Math.max(this.#leaseMs, earlier.leaseMs);
    // An earlier run may have asked a host just before its end.
    const sinceMs = writtenAt === undefined ? Infinity : Date.now() - writtenAt;
    if (sinceMs < this.#intervalMs) this.#holdUntil = Math.max(this.#holdUntil, now + this.#intervalMs);
    if (isSame) await this.#adopt();
    else await persist(() => this.#broker.clear(), this.#signal);
    // While nobody may take a chunk, workers see the server that was.
    const announced = mayBeAtWork ? { ...this.#run, server: '' } : this.#run;
    await persist(() => this.#broker.writeRun(announced), this.#signal);
    if (!isSame) return;
    await this.#drain();
    this.#notice(`continuing a run: ${this.#out.size} of its chunks are with workers or in the queue`);
  }

  /** Resolves with the id of the server once it is known. */
  async #server(): Promise<string> {
    return persist(async () => (await this.#broker.server()).id, this.#signal);
  }

  /** Notes the chunks that an earlier coordinator handed out: their hosts are busy. */
  async #adopt(): Promise<void> {
    const ids = await persist(() => this.#broker.outstandingIds(), this.#signal);
    for (let at = 0; at < ids.length; at += adoptPage) {
      const some = ids.slice(at, at + adoptPage);
      for (const { id, payload } of await persist(() => this.#broker.readChunks(some), this.#signal)) {
        const hosts = unpackHosts(payload);
        this.#out.set(id, outChunk(id, payload, hosts));
        for (const { key, lines } of hosts) {
          this.#frontier.takeOut(key);
          for (const line of lines) this.#adopted.add(indexOfLine(line));
        }
      }
    }
    this.#chunkTime = Math.max(0, ...ids.map((id) => Number(id.split('-')[0])));
  }

  /** Reads what the workers have handed over so far. */
  async #drain(): Promise<void> {
    for (;;) {
      const entries = await persist(() => this.#broker.read(this.#readId, 1), this.#signal);
      if (entries.length === 0) return;
      for (const entry of entries) await this.#handle(entry);
    }
  }

  /** Tells whether a request of the spool is to be handed out. */
  #isWanted(index: number): boolean {
    return !this.#done.has(index) && !this.#adopted.has(index);
  }

  async #loop(): Promise<void> {
    if (this.#run === undefined) return;
    const end = (): void => this.#end.abort();
    this.#signal.addEventListener('abort', end, { once: true });
    if (this.#signal.aborted) end();
    const reading = this.#read();
    const tending = [this.#publishAll(), this.#syncAndTrim(), this.#keepName(), this.#reconcile(), this.#report()];
    const stopping = this.#stopHandingOut();
    try {
      await reading;
      if (this.#failure !== undefined) throw this.#failure;
    } finally {
      end();
      this.#signal.removeEventListener('abort', end);
      await Promise.all([...tending, stopping]);
    }
    if (this.#failure !== undefined) throw this.#failure;
    await this.#finish();
  }

  /** Ends the run in the broker as far as that can be reached. */
  async #finish(): Promise<void> {
    await this.#sync();
    try {
      if (this.#left === 0) {
        await this.#broker.writeRun({ ...this.#run!, state: 'ended', options: '' });
        await this.#broker.clear();
      } else {
        await this.#broker.trim(this.#readId);
      }
    } catch {
      // What is left there is removed by the next run.
    }
  }

  get #isOver(): boolean {
    const isStopped = this.#isWithdrawn && this.#out.size === 0;
    return this.#left === 0 || this.#end.signal.aborted || isStopped;
  }

  /** Reads what the workers hand over, until the run is over. */
  async #read(): Promise<void> {
    while (!this.#isOver) {
      let entries: OutEntry[];
      if (this.#isRewound) this.#readId = '0';
      this.#isRewound = false;
      try {
        entries = await this.#broker.read(this.#readId, readWaitMs);
      } catch {
        await pause(readWaitMs, this.#end.signal);
        continue;
      }
      try {
        for (const entry of entries) await this.#handle(entry);
      } catch (error) {
        this.#failure = error;
        return;
      }
    }
  }

  async #handle(entry: OutEntry): Promise<void> {
    if (entry.kind === 'records') await this.#takeRecords(entry);
    else await this.#takeBack(entry.chunk, entry.completion);
    this.#readId = entry.id;
  }

  async #takeRecords({ payload, chunks }: Extract<OutEntry, { kind: 'records' }>): Promise<void> {
    const text = decompress(payload);
    const accepted: string[] = [];
    let from = 0;
    for (const { id, count } of chunks) {
      const chunk = this.#out.get(id);
      for (let number = 0; number < count; number += 1) {
        const end = text.indexOf('\n', from) + 1;
        const line = text.slice(from, end);
        from = end;
        const index = Number.parseInt(line.slice(indexStart), 10);
        if (!(index < this.#total) || !this.#done.add(index)) continue;
        accepted.push(line);
        if (chunk !== undefined) chunk.left -= 1;
      }
    }
    await this.#write(accepted);
  }

  async #write(lines: readonly string[]): Promise<void> {
    if (lines.length === 0) return;
    const room = this.#output!.write(lines.join(''));
    if (room !== undefined) await room;
    this.#left -= lines.length;
    this.#written += lines.length;
    for (const line of lines) {
      const record = JSON.parse(line) as ResultRecord;
      if (record.ok) this.#ok += 1;
      this.#options.onRecord?.(record);
    }
  }

  /** Takes a chunk back; what has no record waits again. */
  async #takeBack(id: string, { back, pauses, heldMs, takenTooOften }: Completion): Promise<void> {
    const chunk = this.#out.get(id);
    if (chunk === undefined) return;
    this.#out.delete(id);
    const now = performance.now();
    const perSecond = chunk.keys.length === 1 && heldMs > 0 ? (countOf(chunk) * 1000) / heldMs : undefined;
    for (const key of chunk.keys) this.#frontier.comeBack(key, now, perSecond);
    for (const { key, ms } of pauses) this.#frontier.pause(key, now + ms);
    if (chunk.left === 0) return;
    const moved = new Map(back.map((item) => [indexOfLine(item.line), item]));
    const wanted = (line: string): boolean => !this.#done.has(indexOfLine(line));
    const left = requestsOf(chunk.payload, (line) => wanted(line) && !moved.has(indexOfLine(line)));
    for (const { key, line } of back) if (wanted(line)) this.#supply.putBack([{ key, lines: [line] }]);
    if (takenTooOften === undefined) this.#supply.putBack(left);
    else await this.#split(left, takenTooOften);
  }

  /** Sets the first request of a chunk apart whose workers end again and again: it was being made when the last one ended. */
  async #split(hosts: ReturnType<typeof requestsOf>, takenOver: number): Promise<void> {
    const lines = hosts.flatMap((host) => host.lines);
    if (lines.length > 1) {
      for (const part of firstAndRest(hosts)) this.#supply.putBackFixed(part);
      return;
    }
    for (const line of lines) {
      const { index, input, line: number } = unpackLine(line);
      const error = new FetchError('INTERNAL', `The worker died ${takenOver} times during this request`);
      const request = typeof input === 'string' ? { url: input } : { ...input, url: String(input.url) };
      await this.#settle(index, { ...request, error }, number);
    }
  }

  /** Writes the record of an input that is not handed out. */
  async #settle(index: number, input: RequestInput, line?: number): Promise<void> {
    if (!this.#done.add(index)) return;
    const result = Object.assign(await this.#fetcher.fetch(input), { index }, line === undefined ? {} : { line });
    await this.#write([this.#row(result)]);
  }

  async #publishAll(): Promise<void> {
    let isStarved = false;
    while (!this.#isOver) {
      if (this.#mayPublish()) {
        this.#supply.fill(isStarved);
        isStarved = this.#cut();
        try {
          if (this.#unpublished.length > 0) await this.#broker.publish(this.#unpublished);
          this.#unpublished = [];
        } catch {
          // They are published again, under their ids.
        }
      }
      await pause(publishMs, this.#end.signal);
    }
  }

  #mayPublish(): boolean {
    const now = performance.now();
    const isOurs = now - this.#lockedAt < this.#leaseMs * (1 - 1 / 8);
    return !this.#stop.aborted && isOurs && now >= this.#holdUntil && this.#broker.serverId === this.#run!.server;
  }

  /** Cuts chunks until the window is full. Returns true if it is not, as no host that waits may go out. */
  #cut(): boolean {
    const window = Math.min(maxWindow, Math.max(minWindow, 3 * this.#heldChunks));
    const target = Math.max(minChunk, Math.min(maxChunk, Math.ceil(this.#left / (4 * Math.max(4, this.#workers)))));
    while (this.#out.size < window) {
      const hosts = this.#frontier.next(performance.now(), target);
      if (hosts === undefined) return true;
      this.#supply.taken(hosts);
      const id = this.#nextId();
      const payload = packHosts(hosts);
      this.#out.set(id, outChunk(id, payload, hosts));
      this.#unpublished.push({ id, run: this.#run!.id, payload });
    }
    return false;
  }

  /** Ids grow, also over a restart. */
  #nextId(): string {
    if (this.#chunkNumber === 0) this.#chunkTime = Math.max(Date.now(), this.#chunkTime + 1);
    this.#chunkNumber += 1;
    return `${this.#chunkTime}-${this.#chunkNumber}`;
  }

  async #syncAndTrim(): Promise<void> {
    while (!this.#isOver) {
      await pause(syncMs, this.#end.signal);
      try {
        await this.#sync();
      } catch (error) {
        this.#failure ??= error;
        this.#end.abort();
        return;
      }
    }
  }

  /** Syncs what was written, and removes it from the broker. */
  async #sync(): Promise<void> {
    const id = this.#readId;
    if (id === this.#trimmedId) return;
    await this.#output!.sync();
    try {
      await this.#broker.trim(id);
      this.#trimmedId = id;
    } catch {
      // The next one removes it too.
    }
  }

  async #keepName(): Promise<void> {
    while (!this.#isOver) {
      await pause(this.#leaseMs / 4, this.#end.signal);
      try {
        await this.#renewName();
        this.#isFull = false;
      } catch (error) {
        if (error instanceof BrokerFullError) this.#noteFull(error);
        if (!(error instanceof BrokerError) || error instanceof BrokerFullError) continue;
        this.#failure ??= error;
        this.#end.abort();
      }
    }
  }

  /** Nobody can hand over anything, until records were taken away or there is more memory. */
  #noteFull({ message }: BrokerFullError): void {
    if (!this.#isFull) this.#notice(`${message}; the run continues once there is room`);
    this.#isFull = true;
  }

  async #renewName(): Promise<void> {
    const sentAt = performance.now();
    if (!(await this.#broker.lock(this.#token, this.#leaseMs))) {
      throw new BrokerError(
        `another coordinator has taken over this run at ${this.#broker.address}; to continue it here, add --resume`,
      );
    }
    this.#lockedAt = sentAt;
  }

  /**
   * Compares what we take to be out with what the broker has. A server that was replaced or emptied may have forgotten
   * claims: nothing is handed out for one lease, in which every owner finds out.
   */
  async #reconcile(): Promise<void> {
    let comparedAt = performance.now();
    while (!this.#isOver) {
      await pause(Math.min(reconcileMs, this.#leaseMs / 4), this.#end.signal);
      const now = performance.now();
      try {
        if (await this.#hasForgotten()) {
          await this.#hold(now);
        } else if (now - comparedAt >= this.#leaseMs) {
          comparedAt = now;
          await this.#compare();
        }
      } catch {
        // Tried again soon.
      }
    }
  }

  /** Hands out nothing for one lease, then accepts the server. */
  async #hold(now: number): Promise<void> {
    if (!this.#isHeld) {
      this.#notice('the queue was restarted, replaced or emptied; no work is handed out for one lease');
      this.#isHeld = true;
      this.#holdUntil = now + this.#leaseMs;
      this.#isRewound = true;
      await this.#compare();
    } else if (now >= this.#holdUntil) {
      await this.#announceAgain();
      this.#isHeld = false;
    }
  }

  /** Tells whether the server is not the one that we have announced, or does not know the run. */
  async #hasForgotten(): Promise<boolean> {
    const known = await this.#broker.readRun();
    const { serverId } = this.#broker;
    if (serverId === undefined) throw new Error('Not connected');
    return known?.id !== this.#run!.id || known.server !== serverId || known.state !== this.#run!.state;
  }

  /** Accepts the server, after one lease. */
  async #announceAgain(): Promise<void> {
    const { serverId } = this.#broker;
    if (serverId === undefined) throw new Error('Not connected');
    await this.#compare();
    this.#run = { ...this.#run!, server: serverId };
    await this.#broker.writeRun(this.#run);
  }

  /** Removes chunks that we know nothing of; those that are missing twice wait again. */
  async #compare(): Promise<void> {
    const unpublished = new Set(this.#unpublished.map(({ id }) => id));
    const candidates = [...this.#out.values()].filter(({ id }) => !unpublished.has(id));
    const ids = new Set(await this.#broker.outstandingIds());
    await this.#broker.remove([...ids].filter((id) => !this.#out.has(id)));
    for (const chunk of candidates) {
      if (ids.has(chunk.id)) chunk.isMissing = false;
      else if (!chunk.isMissing) chunk.isMissing = true;
      else await this.#takeBack(chunk.id, { back: [], pauses: [], heldMs: 0 });
    }
  }

  /** Once told to stop: takes back what nobody has, and has the workers end. */
  async #stopHandingOut(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const done = (): void => resolve();
    for (const signal of [this.#stop, this.#end.signal]) {
      signal.addEventListener('abort', done, { once: true });
      if (signal.aborted) done();
    }
    await promise;
    if (!this.#stop.aborted) return;
    try {
      this.#run = { ...this.#run!, state: 'stopping' };
      await this.#broker.writeRun(this.#run);
      for (const id of await this.#broker.withdraw()) this.#out.delete(id);
      for (const { id } of this.#unpublished) this.#out.delete(id);
      this.#unpublished = [];
    } catch {
      // The next run finds them.
    }
    this.#isWithdrawn = true;
  }

  /** Looks at the workers, and reports. */
  async #report(): Promise<void> {
    let before = { at: performance.now(), written: 0 };
    while (!this.#isOver) {
      try {
        const now = performance.now();
        const perSecond = ((this.#written - before.written) * 1000) / Math.max(1, now - before.at);
        before = { at: now, written: this.#written };
        const all = await this.#broker.workers();
        const live = all.filter(({ seenMs }) => seenMs < Math.max(this.#leaseMs, workerGoneMs));
        this.#workers = live.length;
        this.#heldChunks = live.reduce((sum, { chunks }) => sum + chunks, 0);
        await this.#broker.writeFigures({
          done: this.#total - this.#left,
          ok: this.#ok,
          perSecond: Math.round(perSecond * 10) / 10,
          outstanding: this.#out.size,
        });
        this.#options.onState?.({
          workers: live.length,
          inFlight: live.reduce((sum, { inFlight }) => sum + inFlight, 0),
          concurrency: live.reduce((sum, { concurrency }) => sum + concurrency, 0),
          paused: await this.#broker.pauses(),
        });
      } catch {
        // The display stands still while the broker is gone.
      }
      await pause(reportMs, this.#end.signal);
    }
  }

  #notice(message: string): void {
    this.#options.onNotice?.(message);
  }
}

/** What a run begins with. */
interface Beginning {
  readonly fingerprint: string;
  /** When the output was last written, in milliseconds since 1970; undefined if there was none. */
  readonly writtenAt: number | undefined;
}

/** The start of a record, up to its index. */
const indexStart = '{"index":'.length;
const readWaitMs = 200;
const publishMs = 20;
const syncMs = 250;
const reconcileMs = 1000;
const reportMs = 1000;
const workerGoneMs = 10_000;
/** Chunks that are out at once: three times those that the workers have, within these bounds. */
const minWindow = 64;
const maxWindow = 2000;
/** Requests of a chunk of several hosts: fewer at the end, so that all workers have something to do. */
const minChunk = 10;
const maxChunk = 1000;
/** Chunks that are read at once when a run is continued. */
const adoptPage = 50;

/** Returns the origin of a request that can be sent. */
function originOf(input: RequestInput): string | undefined {
  const request = parseRequest(input, []);
  return 'origin' in request ? request.origin : undefined;
}

/** Number of requests of a chunk. */
function countOf({ payload }: OutChunk): number {
  return unpackHosts(payload).reduce((sum, { lines }) => sum + lines.length, 0);
}

/** Returns when a file was last written, in milliseconds since 1970; undefined if there is none. */
function modifiedAt(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs;
}
