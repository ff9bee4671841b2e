import type { HostFigures } from './host-stats.ts';
import type { Stats } from './stats.ts';

/**
 * Lists the hosts whose mean time stands out, slowest first. Empty if all hosts are about equally fast.
 *
 * @param max longest list to return
 */
export function slowHosts({ hosts, elapsedMs, responses, failures }: Stats, max: number): HostFigures[] {
  if (hosts.size < 2) return [];
  const meanMs = elapsedMs / Math.max(1, responses + failures);
  return hosts.slowest(max).filter((host) => host.meanMs > meanMs * minSlowdown);
}

/** A host stands out if its mean time is this many times the mean of the run. */
const minSlowdown = 1.5;
