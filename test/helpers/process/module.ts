import { spawn, type ChildProcess } from 'node:child_process';
import { nodeFlags } from './node-flags.ts';

/** The exit code and output of a program. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

const root = new URL('../../..', import.meta.url);

/**
 * Returns the shell command for a program written in the test: the source of an ES module, in which `#src/` is our
 * `src/`. For tests of standard streams, and of whether a process ends.
 */
export function moduleCommand(source: string): string {
  const code = source.replaceAll('#src/', new URL('src/', root).href);
  return `${quote(process.execPath)} ${nodeFlags.join(' ')} --input-type=module -e ${quote(code)}`;
}

/** Runs a shell command line to its end. */
export async function runShell(command: string, input?: string): Promise<Ended> {
  const child = startShell(command);
  child.stdin!.on('error', () => {});
  if (input !== undefined) child.stdin!.end(input);
  return ended(child);
}

/** Starts a shell command line. */
export function startShell(command: string): ChildProcess {
  return spawn('bash', ['-c', command], { stdio: 'pipe' });
}

/** Waits for the end of a process that {@link startShell} started. */
export async function ended(child: ChildProcess): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  child.stdout!.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

function quote(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
