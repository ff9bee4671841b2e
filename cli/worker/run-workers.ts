import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { expandFlags } from '../flags/expand-flags.ts';
import { say } from '../rows/say.ts';
import { workerFlags } from './worker-flags.ts';

/**
 * Runs several workers as processes of their own, passes signals on to them, and starts another in place of one that was
 * killed. Returns the highest exit code.
 */
export async function runWorkers(count: number, argv: readonly string[]): Promise<number> {
  const { flags } = expandFlags(argv, workerFlags, 'fetchmany worker');
  const args = flags.filter((flag) => !flag.startsWith('--workers='));
  const children = new Set<ChildProcess>();
  const ending = new AbortController();

  const pass = (signal: NodeJS.Signals): void => {
    ending.abort();
    for (const child of children) child.kill(signal);
  };
  for (const signal of signals) process.on(signal, pass);

  async function keepOne(): Promise<number> {
    let exitCode = 0;
    while (!ending.signal.aborted) {
      const child = startOne(args);
      children.add(child);
      const { code, signal } = await endOf(child);
      children.delete(child);
      if (code !== null) return code;
      exitCode = 1;
      if (ending.signal.aborted) break;
      say(`a worker was killed by ${signal}; starting another`);
      await sleep(restartMs);
    }
    return exitCode;
  }

  try {
    return Math.max(...(await Promise.all(Array.from({ length: count }, keepOne))));
  } finally {
    for (const signal of signals) process.off(signal, pass);
  }
}

/** In a process group of its own: the terminal would send Ctrl-C to it, and we pass it on too. */
function startOne(args: readonly string[]): ChildProcess {
  const [script = ''] = process.argv.slice(1);
  return spawn(process.execPath, [...process.execArgv, script, 'worker', ...args], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    detached: true,
  });
}

function endOf(child: ChildProcess): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve({ code, signal }));
  });
}

const signals: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const restartMs = 1000;
