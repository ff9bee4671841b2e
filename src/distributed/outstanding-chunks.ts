import { FetchError } from '../http/error.ts';
import type { Broker, Chunk, Completion } from './broker.ts';
import type { Frontier } from './frontier.ts';
import { firstAndRest, outChunk, requestsOf, type OutChunk } from './outstanding.ts';
import { persist } from './persist.ts';
import type { RunRecords } from './run-records.ts';
import type { Supply } from './supply.ts';
import { indexOfLine, packHosts, unpackHosts, unpackLine, type HostLines } from './wire.ts';

/** The parts of {@link OutstandingChunks}. */
export interface OutstandingParts {
  readonly broker: Broker;
  readonly records: RunRecords;
  readonly frontier: Frontier;
  readonly supply: Supply;
  /** Notes an input that is in a chunk which an earlier coordinator handed out. */
  readonly adopt: (index: number) => void;
  /** Requests that are out at once. @default 2_000_000 */
  readonly mostRequests?: number | undefined;
}

/** What the workers were doing lately. */
export interface Demand {
  readonly workers: number;
  /** Chunks that they have. */
  readonly chunks: number;
}

/**
 * The chunks that are out: cut from what waits, published, and taken back. What comes back without a record waits again.
 */
export class OutstandingChunks {
  readonly #parts: OutstandingParts;
  readonly #mostRequests: number;
  readonly #out = new Map<string, OutChunk>();
  /** Chunks that were cut and that the broker has not confirmed. */
  #unpublished: Chunk[] = [];
  /** Requests of the chunks that are out. */
  #requests = 0;
  #number = 0;
  #time = 0;

  constructor(parts: OutstandingParts) {
    this.#parts = parts;
    this.#mostRequests = parts.mostRequests ?? maxWindow * maxChunk;
  }

  get size(): number {
    return this.#out.size;
  }

  /** Notes the chunks that an earlier coordinator handed out: their hosts are busy. */
  async adopt(signal: AbortSignal): Promise<void> {
    const { broker, frontier, adopt } = this.#parts;
    const ids = await persist(() => broker.outstandingIds(), signal);
    for (let at = 0; at < ids.length; at += adoptPage) {
      const some = ids.slice(at, at + adoptPage);
      for (const { id, payload } of await persist(() => broker.readChunks(some), signal)) {
        const hosts = unpackHosts(payload);
        const chunk = outChunk(id, payload, hosts);
        this.#add(chunk);
        for (const key of chunk.keys) frontier.takeOut(key);
        for (const { lines } of hosts) for (const line of lines) adopt(indexOfLine(line));
      }
    }
    this.#time = Math.max(0, ...ids.map((id) => Number(id.split('-')[0])));
  }

  /** Cuts chunks until enough are out, or no host that waits may go out. */
  cut(run: string, { workers, chunks }: Demand): void {
    const { supply, records } = this.#parts;
    const window = Math.min(maxWindow, Math.max(minWindow, 3 * chunks));
    const target = Math.max(minChunk, Math.min(maxChunk, Math.ceil(records.left / (4 * Math.max(4, workers)))));
    while (this.#out.size < window && this.#requests < this.#mostRequests) {
      const hosts = supply.next(performance.now(), target);
      if (hosts === undefined) return;
      const id = this.#nextId();
      const payload = packHosts(hosts);
      this.#add(outChunk(id, payload, hosts));
      this.#unpublished.push({ id, run, payload });
    }
  }

  /** Publishes what was cut. Where that fails, it is published the next time, under the same ids. */
  async publish(): Promise<void> {
    if (this.#unpublished.length === 0) return;
    try {
      await this.#parts.broker.publish(this.#unpublished);
      this.#unpublished = [];
    } catch {
      // The broker is gone; it will be back.
    }
  }

  /** Notes that a request of a chunk has its record. */
  noteRecord(id: string): void {
    const chunk = this.#out.get(id);
    if (chunk !== undefined) chunk.left -= 1;
  }

  /** Takes a chunk back; what has no record waits again. */
  async takeBack(id: string, { back, pauses, heldMs, takenTooOften }: Completion): Promise<void> {
    const { frontier, supply, records } = this.#parts;
    const chunk = this.#out.get(id);
    if (chunk === undefined) return;
    this.#remove(id);
    const now = performance.now();
    const perSecond = chunk.keys.length === 1 && heldMs > 0 ? (chunk.count * 1000) / heldMs : undefined;
    for (const key of chunk.keys) frontier.comeBack(key, now, perSecond);
    for (const { key, ms } of pauses) frontier.pause(key, now + ms);
    if (chunk.left === 0) return;
    const moved = new Map(back.map((item) => [indexOfLine(item.line), item]));
    const wanted = (line: string): boolean => !records.has(indexOfLine(line));
    const left = requestsOf(chunk.payload, (line) => wanted(line) && !moved.has(indexOfLine(line)));
    for (const { key, line } of back) if (wanted(line)) supply.putBack([{ key, lines: [line] }], now);
    if (takenTooOften === undefined) supply.putBack(left, now);
    else await this.#split(left, takenTooOften);
  }

  /** Takes back what nobody has, as far as the broker tells. */
  async withdraw(): Promise<void> {
    for (const id of await this.#parts.broker.withdraw()) this.#remove(id);
    for (const { id } of this.#unpublished) this.#remove(id);
    this.#unpublished = [];
  }

  /**
   * Compares what we take to be out with what the broker has. Removes chunks that we know nothing of; those that are
   * missing twice wait again.
   */
  async compare(): Promise<void> {
    const { broker } = this.#parts;
    const unpublished = new Set(this.#unpublished.map(({ id }) => id));
    const candidates = [...this.#out.values()].filter(({ id }) => !unpublished.has(id));
    const ids = new Set(await broker.outstandingIds());
    await broker.remove([...ids].filter((id) => !this.#out.has(id)));
    for (const chunk of candidates) {
      if (ids.has(chunk.id)) chunk.isMissing = false;
      else if (!chunk.isMissing) chunk.isMissing = true;
      else await this.takeBack(chunk.id, { back: [], pauses: [], heldMs: 0 });
    }
  }

  /** Sets the first request of a chunk apart whose workers end again and again: it was being made when the last one ended. */
  async #split(hosts: readonly HostLines[], takenOver: number): Promise<void> {
    const { supply, records } = this.#parts;
    const lines = hosts.flatMap((host) => host.lines);
    if (lines.length > 1) {
      for (const part of firstAndRest(hosts)) supply.putBackFixed(part);
      return;
    }
    for (const line of lines) {
      const { index, input, line: number } = unpackLine(line);
      const error = new FetchError('INTERNAL', `The worker died ${takenOver} times during this request`);
      const request = typeof input === 'string' ? { url: input } : { ...input, url: String(input.url) };
      await records.settle(index, { ...request, error }, number);
    }
  }

  #add(chunk: OutChunk): void {
    this.#out.set(chunk.id, chunk);
    this.#requests += chunk.count;
  }

  #remove(id: string): void {
    this.#requests -= this.#out.get(id)?.count ?? 0;
    this.#out.delete(id);
  }

  /** Ids grow, also over a restart. */
  #nextId(): string {
    if (this.#number === 0) this.#time = Math.max(Date.now(), this.#time + 1);
    this.#number += 1;
    return `${this.#time}-${this.#number}`;
  }
}

/** Chunks that are out at once: three times those that the workers have, within these bounds. */
const minWindow = 64;
const maxWindow = 2000;
/** Requests of a chunk of several hosts: fewer at the end, so that all workers have something to do. */
const minChunk = 10;
const maxChunk = 1000;
/** Chunks that are read at once when a run is continued. */
const adoptPage = 50;
