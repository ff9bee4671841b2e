import { closeSync, fsyncSync, openSync } from 'node:fs';
import { dirname } from 'node:path';

/** Makes the name of a new file safe from a loss of power, where the system can sync a directory. */
export function syncDirectory(path: string): void {
  try {
    const directory = openSync(dirname(path), 'r');
    try {
      fsyncSync(directory);
    } finally {
      closeSync(directory);
    }
  } catch {
    // Not every system lets a directory be opened or synced, and the file itself is there.
  }
}
