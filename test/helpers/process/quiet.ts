import { setTimeout as sleep } from 'node:timers/promises';

/** Long enough for whatever would wrongly happen now to have happened. */
export const quiet = (): Promise<void> => sleep(25);
