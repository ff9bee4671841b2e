import type { HostFigures } from './host-stats.ts';
import type { Stats } from './stats.ts';

/** The hosts that stand out by how long they take on average, the slowest first; of hosts that are all alike none does. */
export function slowHosts({ hosts, elapsedMs, responses, failures }: Stats, most: number): HostFigures[] {
  if (hosts.size < 2) return [];
  const meanMs = elapsedMs / Math.max(1, responses + failures);
  return hosts.slowest(most).filter((host) => host.meanMs > meanMs * standsOut);
}

const standsOut = 1.5;
