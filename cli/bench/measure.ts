import { createIndifferentFetcher, type Fetcher } from '../../src/fetcher/fetcher.ts';
import { label, type FetchResult } from '../../src/http/result.ts';
import type { RequestInput } from '../../src/http/request.ts';
import { createStats } from '../../src/stats/stats.ts';
import { levelFigures, type LevelFigures, type LevelRecord, type Round } from './level-figures.ts';
import { perHostOf, type BenchPlan } from './bench-plan.ts';

/**
 * Sends the same requests at every level, round by round, so that changes of the server or the network affect all
 * levels. Warms up first. Every second round goes through the levels in reverse order.
 */
export async function measureLevels(
  plan: BenchPlan,
  requests: readonly RequestInput[],
  roundDone: (round: number) => void,
): Promise<LevelFigures[]> {
  const levels = plan.levels.map((level) => new Level(level, plan));
  try {
    for (const level of levels) await level.warmUp(requests.slice(0, warmUpRequests(plan, level.level)));
    for (let round = 1; round <= plan.rounds; round += 1) {
      for (const level of round % 2 === 1 ? levels : levels.toReversed()) await level.measure(requests);
      roundDone(round);
    }
  } finally {
    await Promise.all(levels.map((level) => level.close()));
  }
  return levels.map((level) => levelFigures(level, levels[0]!));
}

/** Returns the number of requests that a plan sends, warm-up included. */
export function totalRequests(plan: BenchPlan): number {
  const warmUp = plan.levels.reduce((sum, level) => sum + warmUpRequests(plan, level), 0);
  return warmUp + plan.rounds * plan.levels.length * plan.requests;
}

/** Enough requests to open every connection and to reuse most of them. */
function warmUpRequests({ requests, isOnce }: BenchPlan, level: number): number {
  return isOnce ? 0 : Math.min(requests, 2 * level);
}

/** One level: its own connections, kept for all rounds, and its measurements. */
class Level implements LevelRecord {
  readonly level: number;
  readonly rounds: Round[] = [];
  readonly stats = createStats();
  readonly errors = new Map<string, number>();
  readonly #fetcher: Fetcher;

  constructor(level: number, plan: BenchPlan) {
    this.level = level;
    this.#fetcher = createIndifferentFetcher({
      ...plan.fetcher,
      concurrency: level,
      perHost: { concurrency: perHostOf(plan, level) },
    });
  }

  async warmUp(requests: readonly RequestInput[]): Promise<void> {
    for await (const _ of this.#fetcher.asCompleted(requests));
  }

  async measure(requests: readonly RequestInput[]): Promise<void> {
    const okBefore = this.stats.ok;
    const cpuBefore = process.cpuUsage();
    const startedAt = performance.now();
    for await (const result of this.#fetcher.asCompleted(requests)) this.#take(result);
    const wallMs = performance.now() - startedAt;
    const { user, system } = process.cpuUsage(cpuBefore);
    this.rounds.push({ ok: this.stats.ok - okBefore, wallMs, cpuMs: (user + system) / 1000 });
  }

  close(): Promise<void> {
    return this.#fetcher.close();
  }

  #take(result: FetchResult): void {
    if (result.ok) this.stats.add(result);
    else this.errors.set(label(result), (this.errors.get(label(result)) ?? 0) + 1);
  }
}
