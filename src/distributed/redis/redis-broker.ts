import { once } from 'node:events';
import type { Redis } from 'ioredis';
import { printable } from '../../text/printable.ts';
import {
  BrokerError,
  BrokerFullError,
  type Broker,
  type Chunk,
  type ChunkFacts,
  type Commit,
  type Completion,
  type Lesson,
  type OutEntry,
  type RunFigures,
  type RunState,
  type ServerFacts,
  type WorkerEntry,
  type WorkerFigures,
} from '../broker.ts';
import { closeConnection, movedTo, openConnection, parseAddress, reasonOf, type Address } from './connect.ts';
import { requireVersion } from './server-version.ts';
import { group, scripts, type ScriptName } from './scripts.ts';

/** Fields of a stream entry as the client gives them: name, value, name, value. */
type Entry = readonly [id: Buffer, fields: readonly Buffer[]];
type Key = 'lock' | 'run' | 'figures' | 'work' | 'out' | 'pause' | 'lessons' | 'workers' | 'seen';
type Script = (...args: readonly (string | number | Uint8Array)[]) => Promise<unknown>;

/**
 * Opens a broker on the Streams of a Redis or Valkey server of version 6.2 or later. All keys begin with `{name}`, so that
 * they are on one node of a cluster.
 *
 * @throws BrokerError for a wrong address, or if the client is not installed
 */
export async function openRedisBroker(url: string, name: string): Promise<Broker> {
  const address = parseAddress(url);
  const [commands, waiting] = await Promise.all([openConnection(address), openConnection(address)]);
  return new RedisBroker(address, name, commands, waiting);
}

class RedisBroker implements Broker {
  readonly #address: Address;
  readonly #redis: Redis;
  /** A second connection, for reads that wait. */
  readonly #waiting: Redis;
  readonly #keys: Readonly<Record<Key, string>>;
  readonly #doneKey: (id: string) => string;
  readonly #scripts: Readonly<Record<ScriptName, Script>>;
  #serverId: string | undefined;
  /** The last error of the connection, while that is lost. */
  #connectionError: Error | undefined;

  constructor(address: Address, name: string, redis: Redis, waiting: Redis) {
    this.#address = address;
    this.#redis = redis;
    this.#waiting = waiting;
    const key = (word: string): string => `{${name}}:${word}`;
    this.#keys = {
      lock: key('lock'),
      run: key('run'),
      figures: key('figures'),
      work: key('work'),
      out: key('out'),
      pause: key('pause'),
      lessons: key('lessons'),
      workers: key('workers'),
      seen: key('seen'),
    };
    this.#doneKey = (id) => key(`done:${id}`);
    for (const [word, script] of Object.entries(scripts)) redis.defineCommand(word, script);
    const defined = redis as unknown as Record<ScriptName, Script>;
    this.#scripts = Object.fromEntries(
      Object.keys(scripts).map((word) => [word, (...args) => defined[word as ScriptName](...args)]),
    ) as Record<ScriptName, Script>;
    redis.on('close', () => (this.#serverId = undefined));
    redis.on('error', (error) => (this.#connectionError = error));
    redis.on('ready', () => {
      this.#connectionError = undefined;
      void this.#noteServer();
    });
  }

  get address(): string {
    return this.#address.shown;
  }

  get serverId(): string | undefined {
    return this.#serverId;
  }

  async connect(): Promise<void> {
    // The rejection says only that the connection is closed; the event before it, on the same one, says why.
    let reason: Error | undefined;
    const note = (error: Error): void => void (reason ??= error);
    for (const redis of [this.#redis, this.#waiting]) redis.on('error', note);
    try {
      await Promise.all([this.#redis.connect(), this.#waiting.connect()]);
      await Promise.all([this.#reachKeys(this.#redis), this.#reachKeys(this.#waiting)]);
      requireVersion((await this.server()).version);
      await this.#noteServer();
    } catch (cause) {
      this.close();
      const why = printable(reasonOf(reason ?? (cause as Error), this.#address));
      throw new BrokerError(`the queue at ${printable(this.address)} cannot be used: ${why}`, { cause });
    } finally {
      for (const redis of [this.#redis, this.#waiting]) redis.off('error', note);
    }
  }

  async ping(): Promise<void> {
    let info: Map<string, string>;
    try {
      info = fieldsOf(await this.#redis.info('replication'));
    } catch (cause) {
      // The rejection may say only that there is no connection; the error before it says why.
      const error: NodeJS.ErrnoException = this.#connectionError ?? (cause as Error);
      throw new Error(error.code ?? printable(reasonOf(error, this.#address)), { cause });
    }
    const master = masterOf(info);
    if (master === undefined) return;
    throw new BrokerError(
      `the queue at ${this.address} has become a read-only replica of ${printable(master)}; waiting for a master there`,
    );
  }

  async server(): Promise<ServerFacts> {
    const info = fieldsOf(await this.#redis.info());
    const number = (name: string): number => Number(info.get(name) ?? 0);
    return {
      id: info.get('run_id') ?? '',
      version: info.get('redis_version') ?? '',
      usedBytes: number('used_memory'),
      maxBytes: number('maxmemory'),
      evictionPolicy: info.get('maxmemory_policy') ?? 'noeviction',
      isPersistent: number('aof_enabled') === 1,
      replicaOf: masterOf(info),
    };
  }

  async lock(token: string, ms: number): Promise<boolean> {
    return (await this.#orFull(() => this.#scripts.lockRun(this.#keys.lock, token, Math.ceil(ms)))) === 1;
  }

  async unlock(token: string): Promise<void> {
    await this.#scripts.unlockRun(this.#keys.lock, token);
  }

  async isLocked(): Promise<boolean> {
    return (await this.#redis.exists(this.#keys.lock)) === 1;
  }

  async readRun(): Promise<RunState | undefined> {
    return runOf(await this.#redis.hgetall(this.#keys.run));
  }

  async writeRun(run: RunState): Promise<void> {
    await this.#redis.hset(this.#keys.run, { ...run, includeHeaders: String(run.includeHeaders) });
    await this.#ensureGroup();
  }

  async clear(): Promise<void> {
    const { work, out, pause, lessons, figures, workers, seen } = this.#keys;
    const ids = await this.outstandingIds();
    for (const some of batches(ids)) await this.#redis.unlink(some.map(this.#doneKey));
    await this.#redis.unlink(work, out, pause, lessons, figures, workers, seen);
  }

  async writeFigures(figures: RunFigures): Promise<void> {
    await this.#orFull(() => this.#redis.set(this.#keys.figures, JSON.stringify(figures)));
  }

  async readFigures(): Promise<RunFigures | undefined> {
    const text = await this.#redis.get(this.#keys.figures);
    return text === null ? undefined : (JSON.parse(text) as RunFigures);
  }

  async publish(chunks: readonly Chunk[]): Promise<void> {
    const pipeline = this.#redis.pipeline();
    for (const { id, run, payload } of chunks)
      pipeline.xadd(this.#keys.work, id, 'run', run, 'z', Buffer.from(payload));
    for (const [error] of (await pipeline.exec()) ?? []) {
      // It is there already, from an attempt whose answer was lost.
      if (error && !/equal or smaller/.test(error.message)) throw error;
    }
  }

  async outstandingIds(): Promise<string[]> {
    const ids: string[] = [];
    for (let after = '-'; ; after = `(${ids.at(-1)}`) {
      const page = (await this.#redis.call('XRANGE', this.#keys.work, after, '+', 'COUNT', pageSize)) as [string][];
      ids.push(...page.map(([id]) => id));
      if (page.length < pageSize) return ids;
    }
  }

  async readChunks(ids: readonly string[]): Promise<Chunk[]> {
    const chunks: Chunk[] = [];
    for (const some of batches(ids)) {
      const pipeline = this.#redis.pipeline();
      for (const id of some) pipeline.xrangeBuffer(this.#keys.work, id, id);
      for (const [error, entries] of (await pipeline.exec()) ?? []) {
        if (error) throw error;
        for (const entry of entries as Entry[]) chunks.push(chunkOf(entry));
      }
    }
    return chunks;
  }

  async withdraw(): Promise<string[]> {
    const taken = new Set(await this.#pendingIds());
    const free = (await this.outstandingIds()).filter((id) => !taken.has(id));
    const withdrawn: string[] = [];
    for (const id of free) {
      // A worker may take it meanwhile; then its copy runs, and this removes only the entry.
      if ((await this.#redis.xdel(this.#keys.work, id)) === 1) withdrawn.push(id);
    }
    const takenMeanwhile = new Set(await this.#pendingIds());
    return withdrawn.filter((id) => !takenMeanwhile.has(id));
  }

  async remove(ids: readonly string[]): Promise<void> {
    for (const some of batches(ids)) {
      const pipeline = this.#redis.pipeline();
      for (const id of some) {
        pipeline.xack(this.#keys.work, group, id);
        pipeline.xdel(this.#keys.work, id);
        pipeline.unlink(this.#doneKey(id));
      }
      await pipeline.exec();
    }
  }

  async countChunks(): Promise<{ readonly out: number; readonly taken: number; readonly takenOver: number }> {
    const out = await this.#redis.xlen(this.#keys.work);
    const pending = await this.#pending();
    const takenOver = pending.filter(([, , , deliveries]) => deliveries > 1).length;
    return { out, taken: pending.length, takenOver };
  }

  async take(worker: string, waitMs: number): Promise<Chunk | undefined> {
    const { work } = this.#keys;
    const read = (): Promise<unknown> =>
      this.#waiting.xreadgroupBuffer(
        'GROUP',
        group,
        worker,
        'COUNT',
        1,
        'BLOCK',
        Math.ceil(waitMs),
        'STREAMS',
        work,
        '>',
      );
    const streams = (await this.#withGroup(read)) as [unknown, Entry[]][] | null;
    const entry = streams?.[0]?.[1][0];
    return entry && chunkOf(entry);
  }

  async takeOver(worker: string, idleMs: number): Promise<Chunk | undefined> {
    const idle = Math.ceil(idleMs);
    const { work } = this.#keys;
    const pending = (await this.#withGroup(() =>
      this.#redis.call('XPENDING', work, group, 'IDLE', idle, '-', '+', 10),
    )) as Pending[];
    // Not the first, or all workers would try to take over the same one.
    const chosen = pending[Math.trunc(Math.random() * pending.length)];
    if (chosen === undefined) return undefined;
    const entries = (await this.#redis.callBuffer('XCLAIM', work, group, worker, idle, chosen[0])) as (Entry | null)[];
    const entry = entries[0];
    return entry ? chunkOf(entry) : undefined;
  }

  async renew(worker: string, ids: readonly string[]): Promise<boolean[]> {
    if (ids.length === 0) return [];
    const held = await this.#withGroup(() => this.#scripts.renewChunks(this.#keys.work, worker, ...ids));
    return (held as number[]).map((one) => one === 1);
  }

  async facts(id: string, keys: readonly string[]): Promise<ChunkFacts> {
    const { work, pause, lessons, run } = this.#keys;
    const [pending, done, pauses, learned, time, optionsId] = await Promise.all([
      this.#redis.call('XPENDING', work, group, id, id, 1) as Promise<Pending[]>,
      this.#redis.getBuffer(this.#doneKey(id)),
      keys.length === 0 ? [] : this.#redis.hmget(pause, ...keys),
      keys.length === 0 ? [] : this.#redis.hmget(lessons, ...keys),
      this.#time(),
      this.#redis.hget(run, 'optionsId'),
    ]);
    return {
      optionsId: optionsId ?? undefined,
      deliveries: pending[0]?.[3] ?? 1,
      done: done ?? Buffer.alloc(0),
      pausesMs: pauses.map((until) => Math.max(0, Number(until ?? 0) - time)),
      lessons: learned.map((stored) => lessonOf(stored, time)),
    };
  }

  async commit({ run, payload, chunks, pauses }: Commit): Promise<boolean> {
    const { run: runKey, out, pause } = this.#keys;
    const keys = [runKey, out, pause, ...chunks.map(({ id }) => this.#doneKey(id))];
    const counts = chunks.map(({ id, positions }) => `${id}:${positions.length}`).join(' ');
    const paused = pauses.flatMap(({ key, ms }) => [key, Math.ceil(ms)]);
    const positions = chunks.flatMap((chunk) => [chunk.positions.length, ...chunk.positions]);
    const args = [run, Buffer.from(payload), counts, pauses.length, ...paused, ...positions];
    return (await this.#scripts.commitRecords(keys.length, ...keys, ...args)) === 1;
  }

  async complete(worker: string, id: string, completion: Completion, learned: readonly Lesson[]): Promise<boolean> {
    const { work, out, lessons } = this.#keys;
    const args = [worker, id, JSON.stringify(completion), ...learned.flatMap(({ key, text }) => [key, text])];
    const run = (): Promise<unknown> => this.#scripts.completeChunk(work, out, this.#doneKey(id), lessons, ...args);
    return (await this.#withGroup(run)) === 1;
  }

  async report(worker: string, figures: WorkerFigures): Promise<RunState | undefined> {
    const { workers, seen, run } = this.#keys;
    const flat = (await this.#scripts.reportWorker(workers, seen, run, worker, JSON.stringify(figures))) as string[];
    return runOf(
      Object.fromEntries(Array.from({ length: flat.length / 2 }, (_, at) => [flat[2 * at], flat[2 * at + 1]])),
    );
  }

  async leave(worker: string): Promise<void> {
    await Promise.all([this.#redis.hdel(this.#keys.workers, worker), this.#redis.zrem(this.#keys.seen, worker)]);
  }

  async workers(): Promise<WorkerEntry[]> {
    const { workers, seen } = this.#keys;
    const [all, times, now] = await Promise.all([
      this.#redis.hgetall(workers),
      this.#redis.zrange(seen, '0', '-1', 'WITHSCORES'),
      this.#time(),
    ]);
    const entries: WorkerEntry[] = [];
    for (let at = 0; at < times.length; at += 2) {
      const name = times[at]!;
      const figures = all[name];
      if (figures === undefined) continue;
      entries.push({
        ...(JSON.parse(figures) as WorkerFigures),
        name,
        seenMs: Math.max(0, now - Number(times[at + 1])),
      });
    }
    return entries;
  }

  async pauses(): Promise<{ readonly key: string; readonly ms: number }[]> {
    const [all, now] = await Promise.all([this.#redis.hgetall(this.#keys.pause), this.#time()]);
    return Object.entries(all)
      .map(([key, until]) => ({ key, ms: Number(until) - now }))
      .filter(({ ms }) => ms > 0);
  }

  async read(after: string, waitMs: number): Promise<OutEntry[]> {
    const wait = Math.ceil(waitMs);
    const streams = (await this.#waiting.xreadBuffer(
      'COUNT',
      outPage,
      'BLOCK',
      wait,
      'STREAMS',
      this.#keys.out,
      after,
    )) as [unknown, Entry[]][] | null;
    return (streams?.[0]?.[1] ?? []).map(outEntry);
  }

  async trim(id: string): Promise<void> {
    await this.#redis.call('XTRIM', this.#keys.out, 'MINID', '=', idAfter(id));
  }

  async backlog(): Promise<{ readonly entries: number; readonly bytes: number }> {
    const { out } = this.#keys;
    const entries = await this.#redis.xlen(out);
    if (entries === 0) return { entries, bytes: 0 };
    return { entries, bytes: Number(await this.#redis.call('MEMORY', 'USAGE', out)) || 0 };
  }

  close(): void {
    closeConnection(this.#redis);
    closeConnection(this.#waiting);
  }

  /** Asks for a key. A node of a cluster that does not have it names another one; a user who may not read it is told. */
  async #reachKeys(redis: Redis): Promise<void> {
    for (let moves = 0; ; moves += 1) {
      try {
        await redis.exists(this.#keys.lock);
        return;
      } catch (error) {
        if (moves === maxMoves || movedTo((error as Error).message, '') === undefined) throw error;
        // The connection is made again, to the other node.
        await once(redis, 'ready');
      }
    }
  }

  async #noteServer(): Promise<void> {
    try {
      this.#serverId = fieldsOf(await this.#redis.info('server')).get('run_id');
    } catch {
      // The connection was lost again; the next one asks again.
    }
  }

  /** Rejects with a {@link BrokerFullError} where the server has no memory for a write. */
  async #orFull<T>(write: () => Promise<T>): Promise<T> {
    try {
      return await write();
    } catch (cause) {
      if (!/\bOOM\b/.test((cause as Error).message)) throw cause;
      throw new BrokerFullError(`the queue at ${this.address} is full (maxmemory)`, { cause });
    }
  }

  async #ensureGroup(): Promise<void> {
    try {
      await this.#redis.xgroup('CREATE', this.#keys.work, group, '0', 'MKSTREAM');
    } catch (error) {
      if (!/BUSYGROUP/.test((error as Error).message)) throw error;
    }
  }

  /** Makes the group again if the server has lost it. */
  async #withGroup<T>(run: () => Promise<T>): Promise<T> {
    for (let attempts = 1; ; attempts += 1) {
      try {
        return await run();
      } catch (error) {
        // UNBLOCKED: the stream was removed while we waited for an entry.
        if (attempts > 3 || !/NOGROUP|UNBLOCKED/.test((error as Error).message)) throw error;
        await this.#ensureGroup();
      }
    }
  }

  async #pendingIds(): Promise<string[]> {
    return (await this.#pending()).map(([id]) => id);
  }

  async #pending(): Promise<Pending[]> {
    const all: Pending[] = [];
    for (let from = '-'; ; from = `(${all.at(-1)![0]}`) {
      const page = await this.#pendingPage(from);
      all.push(...page);
      if (page.length < pageSize) return all;
    }
  }

  /** A server without the group has nothing pending. */
  async #pendingPage(from: string): Promise<Pending[]> {
    try {
      return (await this.#redis.call('XPENDING', this.#keys.work, group, from, '+', String(pageSize))) as Pending[];
    } catch (error) {
      if (/NOGROUP/.test((error as Error).message)) return [];
      throw error;
    }
  }

  /** Milliseconds since 1970, on the server's clock. */
  async #time(): Promise<number> {
    const [seconds = 0, microseconds = 0] = (await this.#redis.time()).map(Number);
    return seconds * 1000 + Math.trunc(microseconds / 1000);
  }
}

type Pending = readonly [id: string, worker: string, idleMs: number, deliveries: number];

/** How often the nodes of a cluster may name another one. */
const maxMoves = 5;
const pageSize = 200;
/** Entries of the stream of records that are read at once. */
const outPage = 64;

function* batches<T>(items: readonly T[]): Generator<T[], void, undefined> {
  for (let at = 0; at < items.length; at += pageSize) yield items.slice(at, at + pageSize);
}

function chunkOf([id, fields]: Entry): Chunk {
  return { id: id.toString(), run: fields[1]!.toString(), payload: fields[3]! };
}

/** Reads a lesson, which begins with the time of the server at which it was kept. */
function lessonOf(stored: string | null, now: number): ChunkFacts['lessons'][number] {
  if (stored === null) return undefined;
  const space = stored.indexOf(' ');
  return { text: stored.slice(space + 1), ageMs: Math.max(0, now - Number(stored.slice(0, space))) };
}

function outEntry([id, fields]: Entry): OutEntry {
  const [kind, value, , more] = fields as [Buffer, Buffer, Buffer, Buffer];
  if (kind.toString() === 'done') {
    return {
      kind: 'done',
      id: id.toString(),
      chunk: value.toString(),
      completion: JSON.parse(more.toString()) as Completion,
    };
  }
  const chunks = more
    .toString()
    .split(' ')
    .map((text) => {
      const [chunk = '', count] = text.split(':');
      return { id: chunk, count: Number(count) };
    });
  return { kind: 'records', id: id.toString(), payload: value, chunks };
}

function runOf(fields: Readonly<Record<string, string | undefined>>): RunState | undefined {
  const { id, protocol, state, server = '', options = '', optionsId = '', includeHeaders } = fields;
  const { leaseMs, fingerprint = '', total } = fields;
  if (id === undefined || state === undefined) return undefined;
  return {
    id,
    protocol: Number(protocol),
    state: state as RunState['state'],
    server,
    options,
    optionsId,
    includeHeaders: includeHeaders === 'true',
    leaseMs: Number(leaseMs),
    fingerprint,
    total: Number(total),
  };
}

/** Returns the address of the master of a replica, by what it says of itself; undefined if it is none. */
function masterOf(info: ReadonlyMap<string, string>): string | undefined {
  return info.get('role') === 'slave' ? `${info.get('master_host')}:${info.get('master_port')}` : undefined;
}

/** Reads the answer of INFO. */
function fieldsOf(info: string): Map<string, string> {
  const lines = info.split('\r\n').map((line) => line.split(':', 2) as [string, string]);
  return new Map(lines.filter(([, value]) => value !== undefined));
}

/** Returns the id after one: `5-1` for `5-0`. */
function idAfter(id: string): string {
  const [time = '0', number = '0'] = id.split('-');
  return `${time}-${BigInt(number) + 1n}`;
}
