import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname, uptime } from 'node:os';

/** Which process holds a lock. */
export interface LockHolder {
  readonly pid: number;
  /** When that process started, as the system counts it: a number is used again, but not one that started at the same time. */
  readonly started: string;
  readonly host: string;
  /** Another one after each start of the machine. */
  readonly boot: string;
  /** Another one for each lock. */
  readonly token: string;
}

/** What is known of a process that is asked for. */
interface ProcessState {
  readonly started: string;
  readonly isDead: boolean;
}

/** This process, as the holder of a new lock. */
export function newHolder(): LockHolder {
  const { started } = stateOf(process.pid);
  return { pid: process.pid, started, host: hostname(), boot: bootId(), token: randomUUID() };
}

/** Reads what a lock says; undefined if it says nothing that we wrote. */
export function parseHolder(text: string): LockHolder | undefined {
  try {
    const { pid, started, host, boot, token } = JSON.parse(text) as Record<string, unknown>;
    const isHolder = Number.isSafeInteger(pid) && (pid as number) > 0 && [started, host, boot, token].every(isString);
    // The token becomes a part of a file name.
    return isHolder && /^[\w-]+$/.test(token as string)
      ? ({ pid, started, host, boot, token } as LockHolder)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a holder is gone for certain. Of another machine nothing is certain. */
export function isGone({ pid, started, host, boot }: LockHolder): boolean {
  if (host !== hostname()) return false;
  if (boot !== bootId()) return true;
  const now = stateOf(pid);
  return now.isDead || (started !== '' && now.started !== '' && started !== now.started);
}

/** When this machine was started, in milliseconds since 1970. What was held before is held no more. */
export function startOfMachineMs(): number {
  return Date.now() - uptime() * 1000;
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}

function bootId(): string {
  return readText('/proc/sys/kernel/random/boot_id').trim();
}

function stateOf(pid: number): ProcessState {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives, and is somebody else's.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return { started: '', isDead: true };
  }
  // Behind the name, which stands in brackets and may hold anything, the state comes first and the start as the 20th.
  const [state = '', ...rest] = readText(`/proc/${pid}/stat`)
    .replace(/^.*\) /s, '')
    .split(' ');
  return { started: rest[18] ?? '', isDead: state === 'Z' || state === 'X' };
}

/** Empty where there is no such file: then what it would say is not known. */
function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
