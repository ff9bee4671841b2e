import { basename, relative } from 'node:path';

/**
 * Returns the words that start this program again, for commands to be copied: `npx fetchmany`, its name, or `node` and
 * its file. `npx` is kept because it finds the Node of the project where the installed one is too old.
 */
export function programName(script: string = process.argv[1] ?? '', env: NodeJS.ProcessEnv = process.env): string {
  if (env['npm_command'] === 'exec' || env['npm_lifecycle_event'] === 'demo') return 'npx fetchmany';
  return /\.[jt]s$/.test(script) ? `node ${relative(process.cwd(), script)}` : basename(script);
}
