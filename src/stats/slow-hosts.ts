import type { HostFigures } from './host-stats.ts';
import type { Stats } from './stats.ts';

/**
 * Lists the hosts whose answers stand out by their mean time, slowest first. Empty if all are about equally fast.
 *
 * @param max longest list to return
 */
export function slowHosts({ hosts, answerMs, responses }: Stats, max: number): HostFigures[] {
  if (hosts.size < 2) return [];
  const meanMs = answerMs / Math.max(1, responses);
  return hosts.slowest(max).filter((host) => host.meanAnswerMs > meanMs * minSlowdown);
}

/** A host stands out if its mean time is this many times the mean of the run. */
const minSlowdown = 1.5;
