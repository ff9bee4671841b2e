import { setTimeout as sleep } from 'node:timers/promises';
import type { Broker, Chunk, OutEntry, RunState } from '../../../src/distributed/broker.ts';
import { compress, decompress, indexOfLine, packItem, unpackHosts, unpackLine } from '../../../src/distributed/wire.ts';
import { toRecord } from '../../../src/http/record.ts';
import { response } from '../results.ts';

/**
 * A queue and its worker within the process: what a coordinator sees of them, without a server and without waits. The
 * worker does a step at every second read of the coordinator.
 */
export class MemoryQueue implements Broker {
  readonly address = 'memory';
  readonly serverId = 'server';
  /** Requests that the worker makes in one step. */
  pace: number = 5;
  /** How often the coordinator has read. */
  reads = 0;
  /** Indexes of the requests that were made. */
  readonly made: Set<number> = new Set();
  /** Indexes of requests that were handed out when they were in another chunk, or made already. */
  readonly repeated: number[] = [];
  /** When chunks were published, in milliseconds on the monotonic clock. */
  readonly published: number[] = [];
  /** Requests whose record has left the queue. */
  readonly trimmed: Set<number> = new Set();
  readonly #chunks = new Map<string, Chunk>();
  readonly #movesTo: (index: number) => string | undefined;
  #out: OutEntry[] = [];
  #entries = 0;
  #owner: string | undefined;
  #run: RunState | undefined;
  #held: { readonly id: string; readonly lines: string[]; readonly back: { key: string; line: string }[] } | undefined;

  /** @param movesTo returns the origin that a request is redirected to, if any */
  constructor(movesTo: (index: number) => string | undefined = () => undefined) {
    this.#movesTo = movesTo;
  }

  /** Requests of the chunks that are out. */
  get outstanding(): number {
    return [...this.#chunks.values()].flatMap(indexesOf).length;
  }

  /** The coordinator is gone, and its lease over. */
  forgetOwner(): void {
    this.#owner = undefined;
  }

  async connect(): Promise<void> {}

  async ping(): Promise<void> {}

  async server(): ReturnType<Broker['server']> {
    const memory = { usedBytes: 0, maxBytes: 0, evictionPolicy: 'noeviction' };
    return { id: this.serverId, version: '7.0.0', isPersistent: true, replicaOf: undefined, ...memory };
  }

  async lock(token: string): Promise<boolean> {
    this.#owner ??= token;
    return this.#owner === token;
  }

  async unlock(token: string): Promise<void> {
    if (this.#owner === token) this.#owner = undefined;
  }

  async isLocked(): Promise<boolean> {
    return this.#owner !== undefined;
  }

  async readRun(): Promise<RunState | undefined> {
    return this.#run;
  }

  async writeRun(run: RunState): Promise<void> {
    this.#run = run;
  }

  async clear(): Promise<void> {
    this.#chunks.clear();
    this.#out = [];
    this.#held = undefined;
  }

  async writeFigures(): Promise<void> {}

  async readFigures(): Promise<undefined> {}

  async publish(chunks: readonly Chunk[]): Promise<void> {
    this.published.push(performance.now());
    const seen = new Set([...this.made, ...[...this.#chunks.values()].flatMap(indexesOf)]);
    this.repeated.push(...chunks.flatMap(indexesOf).filter((index) => seen.has(index)));
    for (const chunk of chunks) this.#chunks.set(chunk.id, chunk);
  }

  async outstandingIds(): Promise<string[]> {
    return [...this.#chunks.keys()];
  }

  async readChunks(ids: readonly string[]): Promise<Chunk[]> {
    return ids.flatMap((id) => this.#chunks.get(id) ?? []);
  }

  async withdraw(): Promise<string[]> {
    return [];
  }

  async remove(ids: readonly string[]): Promise<void> {
    for (const id of ids) this.#chunks.delete(id);
  }

  async countChunks(): ReturnType<Broker['countChunks']> {
    return { out: this.#chunks.size, taken: this.#held === undefined ? 0 : 1, takenOver: 0 };
  }

  async workers(): ReturnType<Broker['workers']> {
    return [];
  }

  async pauses(): ReturnType<Broker['pauses']> {
    return [];
  }

  async read(after: string): Promise<OutEntry[]> {
    this.reads += 1;
    if (this.reads % 2 === 0) this.#work();
    const entries = this.#out.filter(({ id }) => numberOf(id) > numberOf(after));
    // Other loops have their turn.
    await sleep(1);
    return entries;
  }

  async trim(id: string): Promise<void> {
    for (const entry of this.#out) {
      if (numberOf(entry.id) > numberOf(id) || entry.kind !== 'records') continue;
      const lines = decompress(entry.payload).split('\n').slice(0, -1);
      for (const line of lines) this.trimmed.add((JSON.parse(line) as { index: number }).index);
    }
    this.#out = this.#out.filter((entry) => numberOf(entry.id) > numberOf(id));
  }

  async backlog(): ReturnType<Broker['backlog']> {
    return { entries: this.#out.length, bytes: 0 };
  }

  close(): void {}

  // The worker is within.
  readonly take: () => never = unused;
  readonly takeOver: () => never = unused;
  readonly renew: () => never = unused;
  readonly facts: () => never = unused;
  readonly commit: () => never = unused;
  readonly complete: () => never = unused;
  readonly report: () => never = unused;
  readonly leave: () => never = unused;

  /** Takes a chunk, hands over records of some of its requests, or hands it back. */
  #work(): void {
    const held = this.#held;
    if (held === undefined) {
      const chunk = this.#chunks.values().next().value;
      if (chunk !== undefined) this.#held = { id: chunk.id, lines: linesOf(chunk), back: [] };
      return;
    }
    if (this.pace === 0) return;
    const lines = held.lines.splice(0, this.pace);
    const records = lines.flatMap((line) => this.#fetch(line, held.back));
    if (records.length > 0) {
      const chunks = [{ id: held.id, count: records.length }];
      this.#out.push({ kind: 'records', id: this.#nextId(), payload: compress(records.join('')), chunks });
    }
    if (lines.length > 0) return;
    this.#chunks.delete(held.id);
    const completion = { back: held.back, pauses: [], heldMs: 1 };
    this.#out.push({ kind: 'done', id: this.#nextId(), chunk: held.id, completion });
    this.#held = undefined;
  }

  /** Returns the record of a request; none if it goes on at another host. */
  #fetch(text: string, back: { key: string; line: string }[]): string[] {
    const { index, input, progress } = unpackLine(text);
    const url = input as string;
    const origin = progress === undefined ? this.#movesTo(index) : undefined;
    if (origin !== undefined) {
      const trail = { optionsId: '', method: 'GET', origin, path: '/', headers: [], redirects: 1, visited: [] };
      back.push(packItem({ index, input, progress: { attempts: 1, elapsedMs: 1, trail } }));
      return [];
    }
    this.made.add(index);
    return [`${JSON.stringify(toRecord(response({ index, url, redirects: progress?.trail?.redirects ?? 0 })))}\n`];
  }

  #nextId(): string {
    this.#entries += 1;
    return `${this.#entries}-0`;
  }
}

/** The call of a broker at which its coordinator is killed. */
export interface Death {
  readonly method: keyof Broker;
  /** Which call of the method, counted from 1. */
  readonly number: number;
  /** The call is never made, or it is made and its answer is lost. */
  readonly when: 'before' | 'after';
}

/** Returns a broker whose coordinator is killed at one of its calls: from then on nothing of it reaches the queue. */
export function withDeath(queue: Broker, { method, number, when }: Death, kill: () => void): Broker {
  let count = 0;
  let isDead = false;
  function die(): never {
    isDead = true;
    kill();
    throw new Error('The coordinator was killed');
  }
  return new Proxy(queue, {
    get(target, name: keyof Broker) {
      const value = target[name] as unknown;
      if (typeof value !== 'function') return value;
      return async (...args: readonly unknown[]): Promise<unknown> => {
        if (name === method) count += 1;
        const isLast = name === method && count === number;
        if (isDead || (isLast && when === 'before')) die();
        const answer: unknown = await Reflect.apply(value, target, args);
        if (isDead || isLast) die();
        return answer;
      };
    },
  });
}

function linesOf({ payload }: Chunk): string[] {
  return unpackHosts(payload).flatMap(({ lines }) => lines);
}

function indexesOf(chunk: Chunk): number[] {
  return linesOf(chunk).map(indexOfLine);
}

function numberOf(id: string): number {
  return Number(id.split('-')[0]);
}

function unused(): never {
  throw new Error('Only workers call this');
}
