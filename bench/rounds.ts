import { median } from '../cli/bench/level-figures.ts';

/** One way to do the work. `run` resolves with the CPU time per request, in microseconds. */
export interface Candidate {
  readonly name: string;
  run(): Promise<number>;
}

export interface Row {
  readonly name: string;
  /** Median over all rounds, in microseconds of CPU time per request. */
  readonly median: number;
  /** Median of the ratios to the first candidate within each round. */
  readonly ratio: number;
}

/** Runs the candidates in turn, round by round, so that a machine that slows down does so for all of them. */
export async function interleave(candidates: readonly Candidate[], rounds: number): Promise<Row[]> {
  const figures = candidates.map((): number[] => []);
  for (let round = -1; round < rounds; round += 1) {
    for (const [at, candidate] of candidates.entries()) {
      const figure = await candidate.run();
      // The first round warms up.
      if (round >= 0) figures[at]!.push(figure);
    }
  }
  return candidates.map(({ name }, at) => {
    const ratios = figures[at]!.map((figure, round) => figure / figures[0]![round]!);
    return { name, median: median(figures[at]!), ratio: median(ratios) };
  });
}

/** Returns the CPU time of this process per request, in microseconds. */
export async function cpuPerRequest(requests: number, work: () => Promise<void>): Promise<number> {
  // A minor collection only: a full one would also discard the code compiled for the run before.
  globalThis.gc?.({ type: 'minor' });
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / requests;
}

/** Formats rows: name, microseconds, ratio to the first. */
export function table(rows: readonly Row[]): string {
  const width = Math.max(...rows.map(({ name }) => name.length));
  return rows
    .map(
      ({ name, median: us, ratio }) => `${name.padEnd(width)}  ${us.toFixed(1).padStart(7)} us  ${ratio.toFixed(2)} x`,
    )
    .join('\n');
}
