import type { ResultRecord } from '../../http/record.ts';
import type { Timings } from '../../http/result.ts';
import { createStats, type Stats } from '../../stats/stats.ts';
import { HostCounts, type Hosts } from './host-counts.ts';
import { LogHistogram } from './log-histogram.ts';
import { Notable } from './notable.ts';
import { verdictOf, type Verdict } from './outcome.ts';
import { hostReader } from './record-host.ts';
import { toRow, type Row } from './row.ts';
import { Sample } from './sample.ts';
import { TimeBins, type TimeBin } from './time-bins.ts';

/** All that a page says of a run. Its size does not grow with the number of records, beyond {@link ReportBounds}. */
export interface ReportModel {
  readonly stats: Stats;
  /** From the first dispatch to the last end, in milliseconds since 1970; undefined if nothing was sent. */
  readonly span: { readonly fromMs: number; readonly toMs: number } | undefined;
  /** Requests that have a place in time. */
  readonly placed: number;
  readonly bins: readonly TimeBin[];
  /** How long those that were tried took, by what became of them. */
  readonly elapsed: Readonly<Record<TimedOutcome, LogHistogram>>;
  readonly phases: ReadonlyMap<Phase, LogHistogram>;
  readonly hosts: Hosts;
  /** The bars of the timeline, in the order of their starts: all requests that have a place in time, or an even choice of them. */
  readonly bars: readonly Row[];
  readonly notable: {
    /** The slowest first. */
    readonly rows: readonly Row[];
    readonly slowest: number;
    readonly notOk: number;
    /** How many are not ok, shown or not. */
    readonly notOkCount: number;
  };
}

/** What of the single requests stays, so that the page stays as small as a page should be. */
export interface ReportBounds {
  /** Bars of the timeline. @default 100_000 */
  readonly bars?: number;
  /** Of the slowest in the table. @default 1_000 */
  readonly slowest?: number;
  /** Hosts of each sort: the busiest, the worst, the slowest. @default 100 */
  readonly hosts?: number;
}

/** The outcomes that have a time: a cancelled request took as long as somebody let it. */
export type TimedOutcome = Exclude<Verdict, 'cancelled'>;

/** The parts of a request's time, in their order. */
export const phases = ['queue', 'dns', 'connect', 'tls', 'firstByte', 'download'] as const;
/** One of {@link phases}. */
export type Phase = (typeof phases)[number];

/** Reads all records, in any order, and gives what a page says of them. */
export async function modelReport(
  records: AsyncIterable<ResultRecord>,
  { bars = 100_000, slowest = 1000, hosts = 100 }: ReportBounds = {},
): Promise<ReportModel> {
  const stats = createStats();
  const span = { fromMs: Infinity, toMs: -Infinity };
  const bins = new TimeBins();
  const elapsed = { ok: new LogHistogram(), notOk: new LogHistogram(), failed: new LogHistogram() };
  const ofPhase = new Map<Phase, LogHistogram>(phases.map((phase) => [phase, new LogHistogram()]));
  const ofHost = new HostCounts();
  const sample = new Sample<Row>(bars);
  const notable = new Notable({ slowest, ofEachLabel: 200, notOk: 3000 });
  const hostOf = hostReader();

  for await (const record of records) {
    const host = hostOf(record.url);
    const outcome = verdictOf(record);
    const startMs = startOf(record);
    stats.add(record);
    ofHost.add(host, record);
    if (outcome !== 'cancelled' && record.attempts > 0) elapsed[outcome].add(record.elapsedMs);
    addTimings(ofPhase, record.timingsMs);
    notable.offer(record, () => toRow(record, { host, startMs, mostOfUrl: 2000 }));
    if (startMs === undefined) continue;
    const endMs = startMs + record.elapsedMs;
    span.fromMs = Math.min(span.fromMs, startMs);
    span.toMs = Math.max(span.toMs, endMs);
    bins.add(startMs, record.elapsedMs, outcome);
    sample.offer(() => toRow(record, { host, startMs, mostOfUrl: 300 }));
  }

  return {
    stats,
    span: sample.count === 0 ? undefined : span,
    placed: sample.count,
    bins: bins.bins(),
    elapsed,
    phases: ofPhase,
    hosts: ofHost.figures(hosts),
    bars: sample.items.sort((one, other) => one.startMs! - other.startMs! || one.index - other.index),
    notable: { ...notable.take(), notOkCount: notable.notOkCount },
  };
}

/** A date must be able to hold both its start and its end; a file may say anything. */
function startOf({ at, elapsedMs }: ResultRecord): number | undefined {
  if (at === undefined) return undefined;
  const startMs = Date.parse(at);
  return Math.abs(startMs) <= farthestMs && elapsedMs <= farthestMs ? startMs : undefined;
}

/** Half of what a `Date` can hold. */
const farthestMs = 4.32e15;

function addTimings(histograms: ReadonlyMap<Phase, LogHistogram>, timings: Timings = {}): void {
  for (const phase of phases) {
    const ms = timings[phase];
    if (ms !== undefined) histograms.get(phase)!.add(ms);
  }
}
