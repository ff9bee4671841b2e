import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The command as it is installed: without the types that would have to be taken off at every start. */
export function builtCommand(): string {
  const file = fileURLToPath(new URL('../dist/bin/fetchmany.js', import.meta.url));
  if (!existsSync(file)) throw new Error('There is no dist/; run `npm run build` first');
  return file;
}
