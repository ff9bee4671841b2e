import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname, uptime } from 'node:os';
import { systemCode } from '../../text/system-code.ts';

/** The process that holds a lock. */
export interface LockHolder {
  readonly pid: number;
  /**
   * The start time of the process, in clock ticks since boot: a pid is reused, but not together with its start time.
   */
  readonly started: string;
  readonly host: string;
  /** An id that changes with each start of the machine; '' where the system has none. */
  readonly boot: string;
  /** The PID namespace in which `pid` counts, as `pid:[4026531836]`; '' where the system has none. */
  readonly pidNamespace: string;
  /** An id that is unique to each lock. */
  readonly token: string;
}

/** The state of a process at this moment. */
interface ProcessState {
  readonly started: string;
  readonly isDead: boolean;
}

/** Describes this process, as the holder of a new lock. */
export function newHolder(): LockHolder {
  const { started } = stateOf(process.pid);
  return {
    pid: process.pid,
    started,
    host: hostname(),
    boot: bootId(),
    pidNamespace: ownPidNamespace(),
    token: randomUUID(),
  };
}

/** Reads the text of a lock; undefined if we did not write it. Locks of earlier versions name no PID namespace. */
export function parseHolder(text: string): LockHolder | undefined {
  try {
    const { pid, started, host, boot, pidNamespace = '', token } = JSON.parse(text) as Record<string, unknown>;
    const isHolder =
      Number.isSafeInteger(pid) && (pid as number) > 0 && [started, host, boot, pidNamespace, token].every(isString);
    // The token becomes a part of a file name.
    return isHolder && /^[\w-]+$/.test(token as string)
      ? ({ pid, started, host, boot, pidNamespace, token } as LockHolder)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Tells whether a holder has certainly ended. On another machine or in another PID namespace we cannot know. */
export function isGone({ pid, started, host, boot, pidNamespace }: LockHolder): boolean {
  if (host !== hostname()) return false;
  if (boot !== bootId()) return true;
  if (pidNamespace !== '' && pidNamespace !== ownPidNamespace()) return false;
  const now = stateOf(pid);
  return now.isDead || (started !== '' && now.started !== '' && started !== now.started);
}

/** Returns the start time of this machine in milliseconds since 1970. Locks from before are no longer held. */
export function startOfMachineMs(): number {
  return Date.now() - uptime() * 1000;
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}

function bootId(): string {
  return readText('/proc/sys/kernel/random/boot_id').trim();
}

function ownPidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

function stateOf(pid: number): ProcessState {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it is alive, and another user's.
    if (systemCode(error) === 'ESRCH') return { started: '', isDead: true };
  }
  // The name, in brackets, may hold anything. Behind it the state is the first field and the start time the 20th.
  const [state = '', ...rest] = readText(`/proc/${pid}/stat`)
    .replace(/^.*\) /s, '')
    .split(' ');
  return { started: rest[18] ?? '', isDead: state === 'Z' || state === 'X' };
}

/** Reads a small file; '' where it does not exist. */
function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
