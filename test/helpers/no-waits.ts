import type { FetcherLoad } from '../../src/index.ts';

/** The count of waiting requests by reason, if none waits. */
export const noWaits: FetcherLoad['waitingFor'] = {
  hold: 0,
  quota: 0,
  pace: 0,
  pause: 0,
  robots: 0,
  hostConcurrency: 0,
  hostRate: 0,
  concurrency: 0,
  rate: 0,
  reader: 0,
  interval: 0,
};
