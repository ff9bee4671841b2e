import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ended, type Ended } from './module.ts';
import { nodeFlags } from './node-flags.ts';

/** Options of a run of the command. */
export interface CliOptions {
  /** Text for standard input, which is closed after it. @default empty */
  readonly input?: string | Uint8Array;
  /** Leaves standard input open. */
  readonly keepsInputOpen?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

export const binPath: string = fileURLToPath(new URL('../../../cli/bin.ts', import.meta.url));

/** The command, quoted for a shell: for redirections, pipes and terminals. */
export const shellCli: string = `'${process.execPath}' ${nodeFlags.join(' ')} '${binPath}'`;

/** Starts `fetchmany` in a separate process. */
export function startCli(
  args: readonly string[],
  { input, keepsInputOpen = false, env, cwd }: CliOptions = {},
): ChildProcess {
  const { PATH = '', HOME = '', NODE_COMPILE_CACHE = '' } = process.env;
  const child = spawn(process.execPath, [...nodeFlags, binPath, ...args], {
    stdio: 'pipe',
    env: { PATH, HOME, NODE_COMPILE_CACHE, ...env },
    ...(cwd === undefined ? {} : { cwd }),
  });
  // The process may end before it has read everything.
  child.stdin.on('error', () => {});
  if (input !== undefined) child.stdin.write(input);
  if (!keepsInputOpen) child.stdin.end();
  return child;
}

/** Runs `fetchmany` to its end. */
export function runCli(args: readonly string[], options?: CliOptions): Promise<Ended> {
  return ended(startCli(args, options));
}

/** Resolves once a text has arrived on a stream of a process. */
export function untilSays(child: ChildProcess, stream: 'stdout' | 'stderr', text: string): Promise<void> {
  let said = '';
  return new Promise((resolve, reject) => {
    child[stream]!.on('data', (piece: Buffer | string) => {
      said += String(piece);
      if (said.includes(text)) resolve();
    });
    child.on('close', () => reject(new Error(`It ended without having said "${text}", but: ${said}`)));
  });
}
