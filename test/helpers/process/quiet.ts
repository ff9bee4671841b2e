import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves after a time in which an unwanted event would have happened. */
export const quiet = (): Promise<void> => sleep(25);
