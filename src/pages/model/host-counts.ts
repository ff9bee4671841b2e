import type { ResultRecord } from '../../http/record.ts';
import { verdictOf } from '../../http/result.ts';
import { noHost } from './host-reader.ts';
import { noVerdicts, sumOf, type VerdictCounts } from './verdicts.ts';

/** Totals of the requests to one host. */
export interface HostTotals {
  readonly host: string;
  readonly verdicts: Readonly<VerdictCounts>;
  /** Body bytes after decoding. */
  readonly length: number;
  /** Mean time in milliseconds of the requests that were attempted and not cancelled; 0 if there are none. */
  readonly meanMs: number;
  /** Longest time in milliseconds among the same requests. */
  readonly longestMs: number;
}

/** The hosts of a run that a page shows. */
export interface Hosts {
  /** The busiest, the worst and the slowest hosts, busiest first. */
  readonly shown: readonly HostTotals[];
  /** Number of rows without a limit: one per host, and one for all inputs without a host. */
  readonly count: number;
  /** Number of hosts. */
  readonly hosts: number;
  /** Number of requests to hosts beyond the limit, for which nothing else is counted. */
  readonly uncounted: number;
}

/** Counts records by host in bounded memory. Only the first 100,000 hosts are counted one by one. */
export class HostCounts {
  readonly #hosts = new Map<string, Counted>();
  #uncounted = 0;

  add(host: string, record: ResultRecord): void {
    const counted = this.#hosts.get(host) ?? this.#make(host);
    if (counted === undefined) {
      this.#uncounted += 1;
      return;
    }
    counted.verdicts[verdictOf(record)] += 1;
    if (record.kind === 'cancelled') return;
    counted.length += record.length;
    if (record.attempts === 0) return;
    counted.timed += 1;
    counted.elapsedMs += record.elapsedMs;
    counted.longestMs = Math.max(counted.longestMs, record.elapsedMs);
  }

  /** @param max number of hosts to show of each sort: the busiest, the worst and the slowest */
  figures(max: number): Hosts {
    const all = [...this.#hosts.values()];
    const shown = new Set([
      ...foremost(all, max, ({ verdicts }) => sumOf(verdicts)),
      ...foremost(all, max, ({ verdicts }) => sumOf(verdicts) - verdicts.ok),
      ...foremost(all, max, meanOf),
    ]);
    return {
      shown: foremost([...shown], shown.size, ({ verdicts }) => sumOf(verdicts)).map(toTotals),
      count: all.length,
      hosts: this.#hosts.has(noHost) ? all.length - 1 : all.length,
      uncounted: this.#uncounted,
    };
  }

  #make(host: string): Counted | undefined {
    if (this.#hosts.size >= maxHosts) return undefined;
    const made = { host, verdicts: noVerdicts(), length: 0, timed: 0, elapsedMs: 0, longestMs: 0 };
    this.#hosts.set(host, made);
    return made;
  }
}

interface Counted {
  readonly host: string;
  readonly verdicts: VerdictCounts;
  length: number;
  timed: number;
  elapsedMs: number;
  longestMs: number;
}

const maxHosts = 100_000;

function foremost(hosts: readonly Counted[], max: number, by: (host: Counted) => number): Counted[] {
  return hosts.toSorted((one, other) => by(other) - by(one)).slice(0, max);
}

function meanOf({ elapsedMs, timed }: Counted): number {
  return timed === 0 ? 0 : elapsedMs / timed;
}

function toTotals(counted: Counted): HostTotals {
  const { host, verdicts, length, longestMs } = counted;
  return { host, verdicts, length, meanMs: meanOf(counted), longestMs };
}
