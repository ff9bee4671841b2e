import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Returns the path of the built command. From the sources, each start would also have to strip the types. */
export function builtCommand(): string {
  const file = fileURLToPath(new URL('../dist/bin/fetchmany.js', import.meta.url));
  if (!existsSync(file)) throw new Error('There is no dist/; run `npm run build` first');
  return file;
}
