import type { Frontier } from './frontier.ts';
import { partCount, partOf, type Spool } from './spool.ts';
import { indexOfLine, type HostLines } from './wire.ts';

/** Moves requests from the spool to the frontier, as many as memory is to hold. */
export class Supply {
  readonly #spool: Spool;
  readonly #frontier: Frontier;
  readonly #usualWaiting: number;
  readonly #mostWaiting: number;
  readonly #isWanted: (index: number) => boolean;
  /** Requests of each part that wait in the frontier. */
  readonly #loaded = new Uint32Array(partCount);
  #isEmpty = false;

  /**
   * @param isWanted tells whether a request is still to be handed out
   * @param limits how many requests wait in the frontier: usually, and at most where the hosts of all of them are slow
   */
  constructor(
    spool: Spool,
    frontier: Frontier,
    isWanted: (index: number) => boolean,
    limits: { readonly usual: number; readonly most: number } = { usual: 300_000, most: 2_000_000 },
  ) {
    this.#spool = spool;
    this.#frontier = frontier;
    this.#isWanted = isWanted;
    this.#usualWaiting = limits.usual;
    this.#mostWaiting = limits.most;
  }

  /** Notes the requests that have left the frontier. */
  taken(hosts: readonly HostLines[]): void {
    for (const { key, lines } of hosts) this.#loaded[partOf(key)]! -= lines.length;
  }

  /** Puts requests back that have left it. */
  putBack(hosts: readonly HostLines[]): void {
    for (const { key, lines } of hosts) {
      this.#loaded[partOf(key)]! += lines.length;
      this.#frontier.offer(key, lines);
    }
  }

  /** Puts requests back as a chunk that is to go out as it is. */
  putBackFixed(hosts: readonly HostLines[]): void {
    for (const { key, lines } of hosts) this.#loaded[partOf(key)]! += lines.length;
    this.#frontier.offerFixed(hosts);
  }

  /**
   * Loads blocks until enough requests wait, or some time has passed. `isStarved` tells that none of those that wait may go
   * out: hosts that may are further back.
   */
  fill(isStarved: boolean): void {
    const end = performance.now() + maxFillMs;
    const enough = isStarved ? this.#mostWaiting : this.#usualWaiting;
    while (!this.#isEmpty && this.#frontier.waiting < enough && performance.now() < end) this.#loadBlock();
  }

  /** Loads a block of the part with the fewest requests in memory, so that all hosts have their turn. */
  #loadBlock(): void {
    let chosen = -1;
    for (let part = 0; part < partCount; part += 1) {
      if (!this.#spool.hasMore(part)) continue;
      if (chosen < 0 || this.#loaded[part]! < this.#loaded[chosen]!) chosen = part;
    }
    if (chosen < 0) {
      this.#isEmpty = true;
      return;
    }
    const byHost = new Map<string, string[]>();
    for (const { key, line } of this.#spool.next(chosen)) {
      if (!this.#isWanted(indexOfLine(line))) continue;
      const lines = byHost.get(key);
      if (lines === undefined) byHost.set(key, [line]);
      else lines.push(line);
    }
    for (const [key, lines] of byHost) {
      this.#loaded[chosen]! += lines.length;
      this.#frontier.offer(key, lines);
    }
  }
}

/** Milliseconds of loading after which other work has its turn. */
const maxFillMs = 20;
