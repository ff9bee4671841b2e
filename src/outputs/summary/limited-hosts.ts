import { formatCount, formatDuration, formatRate } from '../../text/quantity.ts';
import { shownHost } from '../../text/printable.ts';

/** A host with a number of starts per second. */
interface Paced {
  readonly host: string;
  readonly perSecond: number;
  readonly from: 'learned' | 'told' | 'robots';
  /** Milliseconds from one start to the next that its robots.txt asks for, if they are more than it gets. */
  readonly askedMs?: number;
}

/** Hosts of a live run that did not get all that waited for them. */
export interface LimitedHosts {
  /** Hosts with a number of starts per second that was learned from refusals, derived from a quota, or asked for by `Crawl-delay`. */
  readonly pace: readonly Paced[];
  /** Numbers of requests in flight that were learned: the first limit and the last. `host` is null over all hosts. */
  readonly atOnce: readonly { readonly host: string | null; readonly start: number; readonly limit: number }[];
  /** Hosts that were given up, with their unsent requests, the tries that failed, and how the last one did. */
  readonly down: readonly {
    readonly host: string;
    readonly notSent: number;
    readonly tried: number;
    readonly code: string;
  }[];
  /** Hosts that did not answer for a while, in milliseconds. */
  readonly waited: readonly { readonly host: string; readonly forMs: number }[];
}

/** No hosts. */
export const noLimitedHosts: LimitedHosts = { pace: [], atOnce: [], down: [], waited: [] };

const maxShown = 3;

/** Describes the paces: `api.example 9.8/s (learned)`. The slowest come first. */
export function paces({ pace }: LimitedHosts): string {
  const sorted = [...pace].sort((a, b) => a.perSecond - b.perSecond);
  return listed(sorted, (paced) => `${shownHost(paced.host)} ${formatPace(paced.perSecond)} (${reason(paced)})`);
}

/** In the unit of the flags in which it is no less than one, if there is one. */
function formatPace(perSecond: number): string {
  if (perSecond >= 0.995) return `${formatRate(perSecond)}/s`;
  const perMinute = 60 * perSecond;
  return perMinute >= 0.995 ? `${formatRate(perMinute)}/m` : `${formatRate(60 * perMinute)}/h`;
}

function reason({ from, askedMs }: Paced): string {
  if (from === 'learned') return 'learned';
  if (from === 'told') return 'from its headers';
  return askedMs === undefined ? 'robots.txt' : `robots.txt, which asks for one per ${formatDuration(askedMs)}`;
}

/** Describes the limits that were learned: `a.example 6 -> 41`. The greatest come first. */
export function learnedLimits({ atOnce }: LimitedHosts): string {
  const sorted = [...atOnce].sort((a, b) => Number(b.host === null) - Number(a.host === null) || b.limit - a.limit);
  return listed(
    sorted,
    ({ host, start, limit }) =>
      `${host === null ? 'all hosts' : shownHost(host)} ${formatCount(start)} -> ${formatCount(limit)}`,
  );
}

/** Describes the hosts that were given up, those with most requests that were not sent, or not again, first. */
export function downHosts({ down }: LimitedHosts): string {
  const sorted = [...down].sort((a, b) => b.notSent - a.notSent);
  const shown = ({ host, notSent, code }: LimitedHosts['down'][number]): string =>
    `${shownHost(host)} (${formatCount(notSent)} given up, ${code})`;
  const list = listed(sorted, shown);
  return list === '' ? '' : `${list}; --resume --retry-failed fetches them later`;
}

/** Describes the waits for hosts that did not answer, the longest first. */
export function waits({ waited }: LimitedHosts): string {
  const sorted = [...waited].sort((a, b) => b.forMs - a.forMs);
  return listed(sorted, ({ host, forMs }) => `${shownHost(host)} ${formatDuration(forMs)}`);
}

function listed<T>(items: readonly T[], shown: (item: T) => string): string {
  const rest = items.length - maxShown;
  const more = rest > 0 ? [`${formatCount(rest)} more`] : [];
  return [...items.slice(0, maxShown).map(shown), ...more].join(', ');
}
