import {
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { systemCode } from '../../text/system-code.ts';
import { OutputError } from './output-error.ts';
import { printable } from '../../text/printable.ts';
import { isGone, newHolder, parseHolder, startOfMachineMs, type LockHolder } from './lock-holder.ts';

/**
 * Locks a file for this process with a file `FILE.lock` that names the holder. A lock whose holder has ended is taken
 * over. Throws an {@link OutputError} if another process holds it, and the system's error if `FILE.lock` cannot be
 * created.
 *
 * Hard links to one file, bind-mounted files and machines that share a network file system without links have locks of
 * their own.
 *
 * @returns a function that releases the lock; the exit of the process releases it too, unless it is killed
 */
export function lock(path: string): () => void {
  const holder = newHolder();
  const lockPath = `${path}.lock`;
  const text = JSON.stringify(holder);
  const draft = `${lockPath}.${holder.token}`;
  try {
    writeWhole(draft, text);
    acquire(lockPath, { draft, text, path });
    removeLeftDrafts(lockPath, draft);
  } finally {
    rmSync(draft, { force: true });
  }
  function release(): void {
    process.off('exit', release);
    if (readLock(lockPath)?.holder?.token !== holder.token) return;
    try {
      rmSync(lockPath, { force: true });
    } catch {
      // Its directory may be read-only by now. Once this process has ended, anybody may take the lock over.
    }
  }
  process.on('exit', release);
  return release;
}

interface Taker {
  /** The path of a file that names the new holder. */
  readonly draft: string;
  /** The content of the draft. */
  readonly text: string;
  /** The file to lock. */
  readonly path: string;
}

/** A lock as it was found. */
interface FoundLock {
  readonly text: string;
  /** Undefined if the text names no holder. */
  readonly holder: LockHolder | undefined;
  /** The time it was written, in milliseconds since 1970. */
  readonly writtenMs: number;
}

function acquire(lockPath: string, taker: Taker): void {
  for (let tries = 0; tries < maxTries; tries += 1) {
    if (appears(lockPath, taker)) return;
    const found = readLock(lockPath);
    // Released just now.
    if (!found) continue;
    if (!isLeft(found)) throw refusal(taker.path, lockPath, found);
    if (takeOver(lockPath, found, taker)) return;
  }
  throw new OutputError(taker.path, 'several processes are opening it at once; start only one of them');
}

const maxTries = 10;

/** Tells whether it is certain that a lock has no holder. */
function isLeft({ text, holder, writtenMs }: FoundLock): boolean {
  if (holder) return isGone(holder);
  // Our locks are complete from the moment they appear: whatever damaged this one, a crash, ended its process too.
  return isPartOfLock(text) && writtenMs < startOfMachineMs();
}

/** Tells whether a text is a damaged lock of ours. A file of another program is not ours to remove. */
function isPartOfLock(text: string): boolean {
  return /^\0*$/.test(text) || (text.startsWith('{"pid":') && !text.endsWith('}'));
}

/** Creates the lock, at once and with its whole content; false if there is one already. */
function appears(lockPath: string, { draft, text }: Taker): boolean {
  try {
    linkSync(draft, lockPath);
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    if (!linklessCodes.some((code) => isCode(error, code))) throw error;
  }
  try {
    writeWhole(lockPath, text);
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/** The error codes of file systems without hard links. */
const linklessCodes = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

/**
 * Replaces the lock of a holder that has ended. Two processes may try, and the slower one must not replace the new lock
 * of the faster one: so the right to replace it is itself a lock, and the main lock is read again under it.
 */
function takeOver(lockPath: string, gone: FoundLock, taker: Taker): boolean {
  const succession = `${lockPath}.after-${gone.holder?.token ?? 'nobody'}`;
  acquire(succession, taker);
  try {
    if (readLock(lockPath)?.text !== gone.text) return false;
    const spare = `${taker.draft}.spare`;
    writeWhole(spare, taker.text);
    renameSync(spare, lockPath);
    return true;
  } finally {
    rmSync(succession, { force: true });
  }
}

/** Reads a lock; undefined if there is none. */
function readLock(lockPath: string): FoundLock | undefined {
  try {
    const text = readFileSync(lockPath, 'utf8');
    return { text, holder: parseHolder(text), writtenMs: statSync(lockPath).mtimeMs };
  } catch (error) {
    // Another user's lock may be unreadable.
    return isCode(error, 'ENOENT') ? undefined : { text: '', holder: undefined, writtenMs: Infinity };
  }
}

/**
 * Removes drafts that a killed process left between writing and linking them. Nothing depends on it, so a directory
 * that cannot be read does not matter.
 */
function removeLeftDrafts(lockPath: string, own: string): void {
  const prefix = `${basename(lockPath)}.`;
  try {
    for (const name of readdirSync(dirname(lockPath))) {
      if (!name.startsWith(prefix) || !draftEnding.test(name.slice(prefix.length))) continue;
      const draft = join(dirname(lockPath), name);
      const found = draft === own ? undefined : readLock(draft);
      if (found && isLeft(found)) rmSync(draft, { force: true });
    }
  } catch {
    // They are small, and the next one to take the lock tries again.
  }
}

const draftEnding = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?:\.spare)?$/;

/**
 * Creates a file for this user alone, with its whole content or not at all. It is synced: after a loss of power, half a
 * lock would not name its holder.
 */
function writeWhole(path: string, text: string): void {
  const file = openSync(path, 'wx', 0o600);
  try {
    writeFileSync(file, text);
    fsyncSync(file);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
}

function isCode(error: unknown, code: string): boolean {
  return systemCode(error) === code;
}

function refusal(path: string, lockPath: string, { holder }: FoundLock): OutputError {
  const name = printable(lockPath);
  if (!holder) {
    return new OutputError(path, `${name} does not say who is writing to it; if nobody is, remove that file`);
  }
  const who = `process ${holder.pid} on ${printable(holder.host)}`;
  return new OutputError(
    path,
    `${who} is writing to it; wait until it ends (if there is no such process, remove ${name})`,
  );
}
