import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** A directory that exists while the tests of one file run. */
export interface Temporary {
  readonly directory: string;
  /** Returns a path that does not exist yet. */
  readonly path: (ending?: string) => string;
  /** Creates a file and returns its path. */
  readonly file: (content: string | Uint8Array, ending?: string) => string;
}

/** Creates a directory, and removes it after the tests. */
export function temporary(name: string): Temporary {
  const directory = mkdtempSync(join(tmpdir(), `fetchmany-${name}-`));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  let count = 0;
  const path = (ending = ''): string => join(directory, `${(count += 1)}${ending}`);
  return {
    directory,
    path,
    file(content, ending) {
      const made = path(ending);
      writeFileSync(made, content);
      return made;
    },
  };
}
