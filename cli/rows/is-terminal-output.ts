import { isatty } from 'node:tty';

/** Tells whether rows go to a terminal: no output file (or `-`), and standard output is a terminal. */
export function isTerminalOutput(output?: string): boolean {
  return (output === undefined || output === '-') && isatty(1);
}
