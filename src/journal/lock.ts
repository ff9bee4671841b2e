import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { OutputError } from '../outputs/output-error.ts';
import { isGone, newHolder, parseHolder, type Holder } from './holder.ts';

/**
 * Locks a file for this process: by a file `FILE.lock`, which says who holds it. A lock whose holder is gone is taken over.
 * Throws an {@link OutputError} if another process holds it, and what the system says if there can be no such file.
 *
 * @returns a function that gives the lock back; the end of the process does it too, unless it is killed
 */
export function lock(path: string): () => void {
  const holder = newHolder();
  const lockPath = `${path}.lock`;
  const draft = `${lockPath}.${holder.token}`;
  writeFileSync(draft, JSON.stringify(holder), { flag: 'wx', mode: 0o600 });
  try {
    acquire(lockPath, { draft, path });
  } finally {
    rmSync(draft, { force: true });
  }
  function release(): void {
    process.off('exit', release);
    if (readHolder(lockPath)?.token === holder.token) rmSync(lockPath, { force: true });
  }
  process.on('exit', release);
  return release;
}

interface Taker {
  /** A file that says who takes it. */
  readonly draft: string;
  /** What is locked. */
  readonly path: string;
}

function acquire(lockPath: string, taker: Taker): void {
  for (let tries = 0; tries < mostTries; tries += 1) {
    if (appears(taker.draft, lockPath)) return;
    const text = readLock(lockPath);
    // Given back just now.
    if (text === undefined) continue;
    const holder = parseHolder(text);
    if (!holder || !isGone(holder)) throw refusal(taker.path, lockPath, holder);
    if (takeOver(lockPath, holder, taker)) return;
  }
  throw new OutputError(taker.path, 'several processes try to take it at once; start one of them only');
}

const mostTries = 10;

/** A link appears at once and with all that it says, and only where nothing is. */
function appears(draft: string, lockPath: string): boolean {
  try {
    linkSync(draft, lockPath);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Replaces the lock of a holder that is gone. Two may find it gone, and the slower one must not replace the new lock of the
 * faster: so there is a lock for being the successor of just that holder, and under it a second look.
 */
function takeOver(lockPath: string, gone: Holder, taker: Taker): boolean {
  const succession = `${lockPath}.after-${gone.token}`;
  acquire(succession, taker);
  try {
    if (readHolder(lockPath)?.token !== gone.token) return false;
    const spare = `${taker.draft}.spare`;
    linkSync(taker.draft, spare);
    renameSync(spare, lockPath);
    return true;
  } finally {
    rmSync(succession, { force: true });
  }
}

function readHolder(lockPath: string): Holder | undefined {
  const text = readLock(lockPath);
  return text === undefined ? undefined : parseHolder(text);
}

/** Undefined if there is none. */
function readLock(lockPath: string): string | undefined {
  try {
    return readFileSync(lockPath, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function refusal(path: string, lockPath: string, holder: Holder | undefined): OutputError {
  const who = holder ? `process ${holder.pid} on ${holder.host}` : 'somebody else';
  return new OutputError(
    path,
    `${who} is writing to it; wait for its end (if there is no such process, remove ${lockPath})`,
  );
}
