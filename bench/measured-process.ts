import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, openSync, closeSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from '../cli/bench/level-figures.ts';

/** A program to be run to its end, by name. */
export interface Program {
  readonly name: string;
  readonly command: readonly [file: string, ...args: string[]];
}

/** Throws if a program has not done what it should. */
export type Check = (output: string, program: Program) => Promise<void>;

/** What one run of a program took. */
export interface Usage {
  readonly wallMs: number;
  /** User and system time. */
  readonly cpuMs: number;
  readonly peakMB: number;
}

/** What all programs took: medians, in the order they were given. */
export interface ProgramRow extends Usage {
  readonly name: string;
  /** Against the first program: medians of the ratios within one round. */
  readonly wallRatio: number;
  readonly cpuRatio: number;
}

/** The first of several programs that can be started at all. Says so loudly if none can. */
export function firstInstalled(
  name: string,
  files: readonly string[],
  probe: readonly string[] = ['--version'],
): string | undefined {
  const found = files.find((file) => spawnSync(file, probe, { stdio: 'ignore' }).status === 0);
  if (found === undefined) console.log(`SKIPPED ${name}: it is not installed`);
  return found;
}

/** Runs the programs in turn, round by round; `check` looks at what one wrote to standard output. */
export async function interleavePrograms(
  programs: readonly Program[],
  rounds: number,
  check: Check,
): Promise<ProgramRow[]> {
  const runs = programs.map((): Usage[] => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [at, program] of programs.entries()) runs[at]!.push(await measure(program, check));
  }
  const first = runs[0]!;
  return programs.map(({ name }, at) => {
    const middle = (of: (usage: Usage, round: number) => number): number => median(runs[at]!.map(of));
    return {
      name,
      wallMs: middle(({ wallMs }) => wallMs),
      cpuMs: middle(({ cpuMs }) => cpuMs),
      peakMB: middle(({ peakMB }) => peakMB),
      wallRatio: middle(({ wallMs }, round) => wallMs / first[round]!.wallMs),
      cpuRatio: middle(({ cpuMs }, round) => cpuMs / first[round]!.cpuMs),
    };
  });
}

/** GNU time: what a program and its children took is told by nobody else, once it has ended. */
const timer = '/usr/bin/time';

async function measure(program: Program, check: Check): Promise<Usage> {
  const folder = mkdtempSync(join(tmpdir(), 'fetchmany-bench-'));
  const told = join(folder, 'usage');
  const output = join(folder, 'output');
  const file = openSync(output, 'w');
  try {
    const startedAt = performance.now();
    const child = spawn(timer, ['-q', '-o', told, '-f', '%U %S %M', ...program.command], {
      stdio: ['ignore', file, 'ignore'],
    });
    await new Promise((resolve, reject) => child.on('error', reject).on('exit', resolve));
    const wallMs = performance.now() - startedAt;
    await check(readFileSync(output, 'utf8'), program);
    const [user = 0, system = 0, peakKB = 0] = readFileSync(told, 'utf8').trim().split(' ').map(Number);
    return { wallMs, cpuMs: (user + system) * 1000, peakMB: peakKB / 1000 };
  } finally {
    closeSync(file);
    rmSync(folder, { recursive: true });
  }
}
