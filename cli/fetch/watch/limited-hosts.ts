import type { LimitedHosts } from '../../../src/outputs/summary/limited-hosts.ts';
import type { FetcherLoad } from '../../../src/scheduling/load.ts';

/** Returns the hosts that did not get all that waited for them, as a summary shows them. */
export function limitedHosts({ paced, atOnce, held, waitedFor }: FetcherLoad): LimitedHosts {
  return {
    pace: paced,
    atOnce,
    down: held.filter(({ isDown }) => isDown).map(({ host, notSent, tried, code }) => ({ host, notSent, tried, code })),
    waited: waitedFor,
  };
}
