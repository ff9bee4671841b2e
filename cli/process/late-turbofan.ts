import { setFlagsFromString } from 'node:v8';

/** A run that lasts longer gains more from the best code than compiling it costs. */
const delayMs = 3000;

/**
 * Keeps V8's last compiler, TurboFan, off for the first three seconds. In a run of 20,000 small responses it took a fifth of the CPU time,
 * and its code came too late to earn that back; V8's middle compiler, Maglev, does nearly as well.
 */
export function delayTurboFan(): void {
  setFlagsFromString('--no-turbofan');
  setTimeout(() => setFlagsFromString('--turbofan'), delayMs).unref();
}
