import { Heap } from '../collections/heap.ts';
import type { Frontier, More } from './frontier.ts';
import type { Spool, SpoolPart } from './spool.ts';
import { indexOfLine, type HostLines, type Packed } from './wire.ts';

/** How many requests memory holds. */
export interface SupplyLimits {
  /** Requests that may go out: no more are read while there are so many. */
  readonly ready: number;
  /** Requests in memory beyond which those of hosts that have to wait are written to disk. */
  readonly most: number;
  /** Requests of one host; it gets a part of its own for more than these, or for a good share of the list. */
  readonly ofHost: number;
}

/** The parts of a {@link Supply}. */
export interface SupplyParts {
  readonly spool: Spool;
  readonly frontier: Frontier;
  /** Tells whether a request is still to be handed out. */
  readonly isWanted: (index: number) => boolean;
  readonly limits?: SupplyLimits | undefined;
}

/**
 * The requests that wait, each in one place: on disk, or in the frontier. Memory holds a bounded number of them, whatever
 * the list is like and however many hosts have to wait.
 *
 * A request is on disk in one of three kinds of parts: by a hash of its host, as the list was read; in the part of a host
 * that has very many, which is read as its chunks are cut; or by the time at which its host may go out again.
 */
export class Supply {
  readonly #spool: Spool;
  readonly #frontier: Frontier;
  readonly #isWanted: (index: number) => boolean;
  readonly #limits: SupplyLimits;
  readonly #byHash: (SpoolPart | undefined)[] = Array.from({ length: partCount });
  /** The part by hash that is read. */
  #reading = 0;
  readonly #ofHost = new Map<string, SpoolPart>();
  /** Requests that were added, by a hash of their host. Several hosts may share a place, so it may be too many. */
  #weights = new Uint32Array(weightCount);
  #added = 0;
  #isRead = false;
  /** Parts whose hosts have to wait, by the time at which that ends. */
  readonly #later = new Map<number, SpoolPart>();
  readonly #laterTimes = new Heap<SpoolPart>();

  constructor({ spool, frontier, isWanted, limits }: SupplyParts) {
    this.#spool = spool;
    this.#frontier = frontier;
    this.#isWanted = isWanted;
    this.#limits = limits ?? { ready: 300_000, most: 1_000_000, ofHost: 10_000 };
  }

  /** Adds a request of the list. Throws an `OutputError` if it cannot be written. */
  add({ key, line }: Packed): void {
    this.#added += 1;
    const hash = hashOf(key);
    const place = hash % weightCount;
    const weight = this.#weights[place]! + 1;
    this.#weights[place] = weight;
    const isHeavy = weight > this.#limits.ofHost / 10 && (weight > this.#added / 2000 || this.#ofHost.has(key));
    const part = isHeavy ? this.#partOfHost(key) : this.#partOfHash(hash % partCount);
    part.add(key, line);
  }

  /** Reads requests into the frontier, until enough of them may go out, or some time has passed. */
  fill(now: number): void {
    if (!this.#isRead) this.#endList();
    const end = performance.now() + maxFillMs;
    while (this.#frontier.ready < this.#limits.ready && this.#readBlock(now) && performance.now() < end);
  }

  /** Returns the requests of a chunk that may go out at `now`, of about `target` requests; undefined if none may. */
  next(now: number, target: number): HostLines[] | undefined {
    const hosts = this.#frontier.next(now, target, this.#more);
    if (hosts === undefined) return undefined;
    for (const { key } of hosts) {
      // What is left of a host that is out has to wait.
      if (this.#frontier.waiting > this.#limits.most) this.#keep(key, this.#frontier.takeRest(key));
    }
    return hosts;
  }

  /** Puts requests back that were in a chunk. */
  putBack(hosts: readonly HostLines[], now: number): void {
    for (const { key, lines } of hosts) this.#offer(key, lines, now);
  }

  /** Puts requests back as a chunk that is to go out as it is. */
  putBackFixed(hosts: readonly HostLines[]): void {
    this.#frontier.offerFixed(hosts);
  }

  /** Tells the frontier of the hosts with parts of their own, so that they go first. */
  #endList(): void {
    this.#isRead = true;
    this.#weights = new Uint32Array(0);
    for (const [key, { count }] of this.#ofHost) this.#frontier.store(key, count);
  }

  /** Reads a block: of the hosts that have waited, then of the parts by hash, one after the other. */
  #readBlock(now: number): boolean {
    const packed = this.#nextOfLater(now) ?? this.#nextOfHashes();
    if (packed === undefined) return false;
    for (const [key, lines] of byHost(packed.filter(({ line }) => this.#isWanted(indexOfLine(line))))) {
      this.#offer(key, lines, now);
    }
    return true;
  }

  #nextOfLater(now: number): Packed[] | undefined {
    while (this.#laterTimes.earliest <= now) {
      const time = this.#laterTimes.earliest;
      const packed = this.#later.get(time)!.next();
      if (packed.length > 0) return packed;
      this.#laterTimes.pop();
      this.#later.delete(time);
    }
    return undefined;
  }

  #nextOfHashes(): Packed[] | undefined {
    for (; this.#reading < partCount; this.#reading += 1) {
      const packed = this.#byHash[this.#reading]?.next() ?? [];
      if (packed.length > 0) return packed;
      this.#byHash[this.#reading] = undefined;
    }
    return undefined;
  }

  #offer(key: string, lines: readonly string[], now: number): void {
    const { ready, most, ofHost } = this.#limits;
    const frontier = this.#frontier;
    if (this.#ofHost.has(key) || frontier.waitingOf(key) + lines.length > ofHost) return this.#keep(key, lines);
    const freeAt = frontier.freeAt(key);
    const hasRoom = freeAt <= now ? frontier.ready < 2 * ready : frontier.waiting < most;
    if (hasRoom) return frontier.offer(key, lines);
    const part = this.#partOfTime(Math.max(freeAt === Infinity ? now + restMs : freeAt, now));
    for (const line of lines) part.add(key, line);
  }

  /** Writes requests to the part of their host. */
  #keep(key: string, lines: readonly string[]): void {
    if (lines.length === 0) return;
    const part = this.#partOfHost(key);
    for (const line of lines) part.add(key, line);
    this.#frontier.store(key, part.count);
  }

  /** Reads up to `most` requests of the part of a host, and tells how many are left there. */
  readonly #more: More = (key, most) => {
    const part = this.#ofHost.get(key);
    if (part === undefined) return { lines: [], left: 0 };
    const lines: string[] = [];
    while (part.count > 0 && lines.length < most) {
      for (const { line } of part.next(most - lines.length)) if (this.#isWanted(indexOfLine(line))) lines.push(line);
    }
    if (part.count === 0) this.#ofHost.delete(key);
    return { lines, left: part.count };
  };

  #partOfHost(key: string): SpoolPart {
    let part = this.#ofHost.get(key);
    if (part === undefined) this.#ofHost.set(key, (part = this.#spool.open()));
    return part;
  }

  #partOfHash(number: number): SpoolPart {
    return (this.#byHash[number] ??= this.#spool.open());
  }

  #partOfTime(freeAt: number): SpoolPart {
    const time = Math.ceil(freeAt / restMs) * restMs;
    let part = this.#later.get(time);
    if (part === undefined) {
      part = this.#spool.open();
      this.#later.set(time, part);
      this.#laterTimes.push(time, part);
    }
    return part;
  }
}

/** Milliseconds of reading after which other work has its turn. */
const maxFillMs = 20;
/** Hosts that have to wait on disk come back in steps of so many milliseconds. */
const restMs = 10_000;
const partCount = 512;
/** A prime, so that hosts of one part have different places. */
const weightCount = 1_048_573;

function byHost(packed: readonly Packed[]): Map<string, string[]> {
  const hosts = new Map<string, string[]>();
  for (const { key, line } of packed) {
    const lines = hosts.get(key);
    if (lines === undefined) hosts.set(key, [line]);
    else lines.push(line);
  }
  return hosts;
}

/** FNV-1a (G. Fowler, L. C. Noll, P. Vo, 1991). */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < key.length; at += 1) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
