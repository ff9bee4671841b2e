import type { ResultRecord } from '../../http/record.ts';
import { noVerdicts, verdictOf, sumOf, type VerdictCounts } from './outcome.ts';
import { noHost } from './record-host.ts';

/** What became of the requests to one host. */
export interface HostFigures {
  readonly host: string;
  readonly outcomes: Readonly<VerdictCounts>;
  /** Body bytes after decoding. */
  readonly length: number;
  /** Of those that were tried and not cancelled; 0 if there are none. */
  readonly meanMs: number;
  /** The longest of the same. */
  readonly longestMs: number;
}

/** The hosts of a run, as far as a page shows them. */
export interface Hosts {
  /** The busiest, the worst and the slowest, in the order of their requests. */
  readonly shown: readonly HostFigures[];
  /** How many rows there could be: the hosts, and one for all that is no URL with a host. */
  readonly count: number;
  /** How many hosts there are. */
  readonly hosts: number;
  /** Requests to hosts that were met after the bound was reached, and of which only this is known. */
  readonly uncounted: number;
}

/** Counts by host, in bounded memory: the first hundred thousand hosts have counts of their own. */
export class HostCounts {
  readonly #hosts = new Map<string, Counted>();
  #uncounted = 0;

  add(host: string, record: ResultRecord): void {
    const counted = this.#hosts.get(host) ?? this.#make(host);
    if (counted === undefined) {
      this.#uncounted += 1;
      return;
    }
    counted.outcomes[verdictOf(record)] += 1;
    if (record.kind === 'cancelled') return;
    counted.length += record.length;
    if (record.attempts === 0) return;
    counted.timed += 1;
    counted.elapsedMs += record.elapsedMs;
    counted.longestMs = Math.max(counted.longestMs, record.elapsedMs);
  }

  /** @param most how many are shown of each sort: of the busiest, the worst and the slowest */
  figures(most: number): Hosts {
    const all = [...this.#hosts.values()];
    const shown = new Set([
      ...foremost(all, most, ({ outcomes }) => sumOf(outcomes)),
      ...foremost(all, most, ({ outcomes }) => sumOf(outcomes) - outcomes.ok),
      ...foremost(all, most, meanOf),
    ]);
    return {
      shown: foremost([...shown], shown.size, ({ outcomes }) => sumOf(outcomes)).map(toFigures),
      count: all.length,
      hosts: this.#hosts.has(noHost) ? all.length - 1 : all.length,
      uncounted: this.#uncounted,
    };
  }

  #make(host: string): Counted | undefined {
    if (this.#hosts.size >= maxHosts) return undefined;
    const made = { host, outcomes: noVerdicts(), length: 0, timed: 0, elapsedMs: 0, longestMs: 0 };
    this.#hosts.set(host, made);
    return made;
  }
}

interface Counted {
  readonly host: string;
  readonly outcomes: VerdictCounts;
  length: number;
  timed: number;
  elapsedMs: number;
  longestMs: number;
}

const maxHosts = 100_000;

function foremost(hosts: readonly Counted[], most: number, by: (host: Counted) => number): Counted[] {
  return hosts.toSorted((one, other) => by(other) - by(one)).slice(0, most);
}

function meanOf({ elapsedMs, timed }: Counted): number {
  return timed === 0 ? 0 : elapsedMs / timed;
}

function toFigures(counted: Counted): HostFigures {
  const { host, outcomes, length, longestMs } = counted;
  return { host, outcomes, length, meanMs: meanOf(counted), longestMs };
}
