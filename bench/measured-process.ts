import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, openSync, closeSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from '../cli/bench/level-figures.ts';

/** A program to run, and its name. */
export interface Program {
  readonly name: string;
  readonly command: readonly [file: string, ...args: string[]];
}

/** Throws if a program did not do its work. */
export type Check = (output: string, program: Program) => Promise<void>;

/** The cost of one run of a program. */
export interface Usage {
  readonly wallMs: number;
  /** User and system time. */
  readonly cpuMs: number;
  readonly peakMB: number;
}

/** The cost of each program, as medians, in the order given. */
export interface ProgramRow extends Usage {
  readonly name: string;
  /** Ratios to the first program: medians of the ratios within one round. */
  readonly wallRatio: number;
  readonly cpuRatio: number;
}

/** Returns the first of several programs that can be started. Prints a notice if none can. */
export function firstInstalled(
  name: string,
  files: readonly string[],
  probe: readonly string[] = ['--version'],
): string | undefined {
  const found = files.find((file) => spawnSync(file, probe, { stdio: 'ignore' }).status === 0);
  if (found === undefined) console.log(`SKIPPED ${name}: it is not installed`);
  return found;
}

/** Runs the programs in turn, round by round; `check` gets what each wrote to standard output. */
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

/** GNU time, the only way to learn the cost of a program and its children after it has ended. */
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
