import { randomUUID } from 'node:crypto';
import { closeSync, constants, fchmodSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { systemCode } from '../../text/system-code.ts';
import { Batch, type Output } from './batch.ts';
import { isFilePath, realPath } from './open-locked.ts';
import { openOutput, refuseContent } from './open-output.ts';
import { OutputError } from './output-error.ts';
import { syncDirectory } from './sync-directory.ts';
import { ownFileWriter } from './writer.ts';

/** Options of {@link openWholeFile}. */
export interface WholeFileOptions {
  /**
   * Permits replacing a file that is not empty.
   * @default false
   */
  readonly overwrite?: boolean;
  /**
   * The permissions of a new file, before the umask. A file that is replaced keeps its own.
   * @default 0o600
   */
  readonly mode?: number;
}

/** An output that appears under its name only once all of it is on disk. */
export interface WholeFile extends Output {
  /** There is a file of that name already, with content. */
  readonly isReplacing: boolean;
  /** Closes it, and leaves what was there before as it was. */
  discard(): Promise<void>;
}

/**
 * Opens a file that is replaced as a whole or not at all: it is written beside its place, as `FILE.<token>.tmp`, and
 * renamed in `close()`. Standard output, pipes and devices are written directly. Rejects with an {@link OutputError}.
 */
export async function openWholeFile(
  path?: string,
  { overwrite = false, mode = 0o600 }: WholeFileOptions = {},
): Promise<WholeFile> {
  if (path === undefined || path === '-' || !isFilePath(path)) {
    const output = await openOutput(path, { overwrite });
    return {
      isReplacing: false,
      write: (text) => output.write(text),
      close: () => output.close(),
      discard: () => output.close(),
    };
  }
  try {
    return new Replacement(path, overwrite, mode);
  } catch (cause) {
    throw OutputError.from(path, cause);
  }
}

class Replacement implements WholeFile {
  readonly isReplacing: boolean;
  readonly #name: string;
  readonly #path: string;
  readonly #draft: string;
  readonly #mode: number | undefined;
  readonly #batch: Batch;
  readonly #remove = (): void => rmSync(this.#draft, { force: true });

  constructor(name: string, overwrite: boolean, mode: number) {
    this.#name = name;
    this.#path = realPath(name);
    const before = statSync(this.#path, { throwIfNoEntry: false });
    this.isReplacing = before !== undefined && before.size > 0;
    if (this.isReplacing && !overwrite) refuseContent(name);
    // A rename would also replace a file that must not be written.
    if (before) closeSync(openSync(this.#path, constants.O_WRONLY));
    this.#mode = before && before.mode & 0o777;
    this.#draft = `${this.#path}.${randomUUID()}.tmp`;
    const file = openDraft(this.#draft, name, mode);
    this.#batch = new Batch(ownFileWriter(file, this.#draft), name);
    process.on('exit', this.#remove);
  }

  write(text: string): Promise<void> | undefined {
    return this.#batch.write(text);
  }

  async close(): Promise<void> {
    try {
      await this.#batch.close();
      this.#replace();
    } catch (cause) {
      throw OutputError.from(this.#name, cause);
    } finally {
      this.#end();
    }
  }

  async discard(): Promise<void> {
    // The content is discarded, so it does not matter whether all of it could be written.
    await this.#batch.close().catch(() => {});
    this.#end();
  }

  #replace(): void {
    const file = openSync(this.#draft, constants.O_WRONLY);
    try {
      if (this.#mode !== undefined) fchmodSync(file, this.#mode);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(this.#draft, this.#path);
    syncDirectory(this.#path);
  }

  #end(): void {
    process.off('exit', this.#remove);
    this.#remove();
  }
}

function openDraft(draft: string, name: string, mode: number): number {
  try {
    return openSync(draft, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_APPEND, mode);
  } catch (cause) {
    const code = systemCode(cause);
    if (code !== 'EACCES' && code !== 'EPERM') throw cause;
    const reason = 'permission denied for a temporary file beside it; check who may write to its directory';
    throw new OutputError(name, reason, { cause });
  }
}
