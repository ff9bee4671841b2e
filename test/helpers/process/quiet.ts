import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves after a time in which anything that wrongly happens now would have happened. */
export const quiet = (): Promise<void> => sleep(25);
