import { closeSync, fsyncSync, mkdirSync, openSync, realpathSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { join, sep } from 'node:path';
import { FetchError } from '../../http/error.ts';
import { lock } from '../files/lock.ts';
import { OutputError } from '../files/output-error.ts';

/** Where parts and the lock lie, in the folder of saved bodies. */
const ownFolder = '.fetchmany';

/**
 * The folder that bodies are saved to, held by this process alone. Files appear in it whole, by a rename, and never
 * outside it: not through a name, nor through a symbolic link in it.
 */
export class BodyFolder {
  /** Absolute, without symbolic links. */
  readonly path: string;
  /** The path with a separator at its end. */
  readonly #prefix: string;
  readonly #isDurable: boolean;
  readonly #release: () => void;
  #isClosed = false;
  /** Folders that are known to exist inside this one. Forgotten together when there are many. */
  readonly #folders = new Set<string>();

  /**
   * Makes the folder if there is none, and locks it. Throws an {@link OutputError} if that cannot be done, or another
   * process holds it.
   *
   * @param isDurable whether each file is on disk (`fsync`) before it counts as saved
   */
  constructor(path: string, isDurable = false) {
    try {
      mkdirSync(join(path, ownFolder), { recursive: true });
      this.path = realpathSync(path);
      this.#prefix = this.path.endsWith(sep) ? this.path : this.path + sep;
      this.#release = lock(join(this.path, ownFolder, 'folder'));
    } catch (cause) {
      throw OutputError.from(path, cause);
    }
    this.#isDurable = isDurable;
  }

  /** The path of a part, the unfinished file of a body. */
  partPath(name: string): string {
    return `${this.#prefix}${ownFolder}${sep}${name}`;
  }

  /** Gives a finished part its final name, relative to this folder; a file of that name is replaced. */
  place(part: string, name: string): void {
    // Not by join() and dirname(): names are normal already, and this is done for each body.
    const folder = this.#prefix + name.slice(0, Math.max(0, name.lastIndexOf('/')));
    this.#makeFolder(folder);
    renameSync(part, this.#prefix + name);
    if (this.#isDurable) syncFolder(folder);
  }

  /** True if each file is synced to disk before it gets its final name. */
  get isDurable(): boolean {
    return this.#isDurable;
  }

  /** Gives the folder back. Parts that could be continued stay; without any, our own folder in it goes. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#release();
    rmSync(this.partPath('folder.lock'), { force: true });
    try {
      rmdirSync(join(this.path, ownFolder));
    } catch {
      // It holds parts.
    }
  }

  #makeFolder(folder: string): void {
    if (this.#folders.has(folder)) return;
    mkdirSync(folder, { recursive: true });
    const real = realpathSync(folder);
    if (real !== this.path && !real.startsWith(this.#prefix)) {
      throw new FetchError('FILE_IO', 'Cannot save a body outside its directory: a symbolic link leads out of it');
    }
    if (this.#folders.size >= maxKnownFolders) this.#folders.clear();
    this.#folders.add(folder);
  }
}

const maxKnownFolders = 10_000;

function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
