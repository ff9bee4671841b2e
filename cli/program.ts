import { basename, relative } from 'node:path';

/** How this program was started, for commands to be copied: by its name, or by its file. */
export function programName(script: string = process.argv[1] ?? ''): string {
  return /\.[jt]s$/.test(script) ? `node ${relative(process.cwd(), script)}` : basename(script);
}
