import { basename, relative } from 'node:path';

/**
 * How this program was started, for commands to be copied: through npm, by its name, or by its file. Only npm finds the
 * right Node where the machine's own is too old.
 */
export function programName(script: string = process.argv[1] ?? '', env: NodeJS.ProcessEnv = process.env): string {
  if (env['npm_command'] === 'exec' || env['npm_lifecycle_event'] === 'demo') return 'npx fetchmany';
  return /\.[jt]s$/.test(script) ? `node ${relative(process.cwd(), script)}` : basename(script);
}
