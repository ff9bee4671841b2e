import {
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { OutputError } from './output-error.ts';
import { printable } from '../../text/printable.ts';
import { isGone, newHolder, parseHolder, startOfMachineMs, type LockHolder } from './lock-holder.ts';

/**
 * Locks a file for this process: by a file `FILE.lock`, which says who holds it. A lock whose holder is gone is taken over.
 * Throws an {@link OutputError} if another process holds it, and what the system says if there can be no such file.
 *
 * @returns a function that gives the lock back; the end of the process does it too, unless it is killed
 */
export function lock(path: string): () => void {
  const holder = newHolder();
  const lockPath = `${path}.lock`;
  const text = JSON.stringify(holder);
  const draft = `${lockPath}.${holder.token}`;
  try {
    writeWhole(draft, text);
    acquire(lockPath, { draft, text, path });
  } finally {
    rmSync(draft, { force: true });
  }
  function release(): void {
    process.off('exit', release);
    if (readLock(lockPath)?.holder?.token !== holder.token) return;
    try {
      rmSync(lockPath, { force: true });
    } catch {
      // Its directory may be read-only by now. Once this process has ended, the lock is nobody's.
    }
  }
  process.on('exit', release);
  return release;
}

interface Taker {
  /** A file that says who takes it. */
  readonly draft: string;
  /** What stands in it. */
  readonly text: string;
  /** What is locked. */
  readonly path: string;
}

/** A lock as it was found. */
interface FoundLock {
  readonly text: string;
  /** Undefined if it does not say who holds it. */
  readonly holder: LockHolder | undefined;
  /** When it was written. */
  readonly writtenMs: number;
}

function acquire(lockPath: string, taker: Taker): void {
  for (let tries = 0; tries < maxTries; tries += 1) {
    if (appears(lockPath, taker)) return;
    const found = readLock(lockPath);
    // Given back just now.
    if (!found) continue;
    if (!isLeft(found)) throw refusal(taker.path, lockPath, found);
    if (takeOver(lockPath, found, taker)) return;
  }
  throw new OutputError(taker.path, 'several processes try to take it at once; start one of them only');
}

const maxTries = 10;

/** Whether nobody holds it for certain. */
function isLeft({ text, holder, writtenMs }: FoundLock): boolean {
  if (holder) return isGone(holder);
  // One of ours is whole from the moment it appears: what took a part of it has taken its process too.
  return isPartOfLock(text) && writtenMs < startOfMachineMs();
}

/** Not what another program wrote: that is no lock of ours, and not ours to remove. */
function isPartOfLock(text: string): boolean {
  return /^\0*$/.test(text) || (text.startsWith('{"pid":') && !text.endsWith('}'));
}

/** A link appears at once and with all that it says, and only where nothing is. */
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

/** What file systems say that have no links. */
const linklessCodes = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

/**
 * Replaces the lock of a holder that is gone. Two may find it gone, and the slower one must not replace the new lock of the
 * faster: so there is a lock for being the successor of just that holder, and under it a second look.
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

/** Undefined if there is none. */
function readLock(lockPath: string): FoundLock | undefined {
  try {
    const text = readFileSync(lockPath, 'utf8');
    return { text, holder: parseHolder(text), writtenMs: statSync(lockPath).mtimeMs };
  } catch (error) {
    // It may be somebody else's, who lets nobody read it.
    return isCode(error, 'ENOENT') ? undefined : { text: '', holder: undefined, writtenMs: Infinity };
  }
}

/**
 * Writes a file that is not there yet, for this user alone, and all of it or none. It is safe from a loss of power: a lock
 * that was torn by one would not say whose it is.
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
  return (error as NodeJS.ErrnoException).code === code;
}

function refusal(path: string, lockPath: string, { holder }: FoundLock): OutputError {
  const name = printable(lockPath);
  if (!holder) {
    return new OutputError(path, `${name} does not say who is writing to it; if nobody is, remove that file`);
  }
  const who = `process ${holder.pid} on ${printable(holder.host)}`;
  return new OutputError(
    path,
    `${who} is writing to it; wait for its end (if there is no such process, remove ${name})`,
  );
}
