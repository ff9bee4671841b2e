import type { ResultRecord } from '../../http/record.ts';
import { verdictOf, type Timings, type Verdict } from '../../http/result.ts';
import { RunSpan } from '../../stats/run-span.ts';
import { createStats, type Stats } from '../../stats/stats.ts';
import { HostCounts, type Hosts } from './host-counts.ts';
import { hostReader } from './host-reader.ts';
import { LogHistogram } from './log-histogram.ts';
import { Notable } from './notable.ts';
import { phases, type Phase } from './phases.ts';
import { toRow, type Row } from './row.ts';
import { Sample } from './sample.ts';
import { TimeBins, type TimeBin } from './time-bins.ts';

/** Everything that a page shows of a run. Its size is limited by {@link ReportBounds}. */
export interface ReportModel {
  readonly stats: Stats;
  /** Period from the first dispatch to the last end, in milliseconds since 1970; undefined if nothing was sent. */
  readonly span: { readonly fromMs: number; readonly toMs: number } | undefined;
  /** Duration of the run in milliseconds, waits for hosts that did not answer included; 0 if nothing was sent. */
  readonly wallMs: number;
  /** Number of requests with a known start. */
  readonly placed: number;
  readonly bins: readonly TimeBin[];
  /** Times of the requests that were attempted, by verdict. */
  readonly elapsed: Readonly<Record<TimedVerdict, LogHistogram>>;
  readonly phases: ReadonlyMap<Phase, LogHistogram>;
  readonly hosts: Hosts;
  /** Bars of the timeline in order of their starts: all requests with a known start, or a uniform sample of them. */
  readonly bars: readonly Row[];
  readonly notable: {
    /** Slowest first. */
    readonly rows: readonly Row[];
    /** Number of rows shown because they are among the slowest. */
    readonly slowest: number;
    /** Number of rows shown because they are not ok. */
    readonly notOk: number;
    /** Number of requests that are not ok, shown or not. */
    readonly notOkCount: number;
  };
}

/** Limits on the details of a page, to limit its size. */
export interface ReportBounds {
  /** Number of bars in the timeline. @default 100_000 */
  readonly bars?: number;
  /** Number of the slowest requests in the table. @default 1_000 */
  readonly slowest?: number;
  /** Number of hosts of each sort: the busiest, the worst, the slowest. @default 100 */
  readonly hosts?: number;
  /** Returns the link from the page to a saved body, by the `file` of its record. @default no links */
  readonly hrefOf?: (file: string) => string | undefined;
}

/** Verdicts whose times mean something. A cancelled request took as long as the caller let it. */
export type TimedVerdict = Exclude<Verdict, 'cancelled'>;

/** Number of requests that are not ok in the table per status or error code. */
export const maxRowsPerLabel = 200;

/** Reads records in any order and creates the model of their page. */
export async function modelReport(
  records: AsyncIterable<ResultRecord>,
  { bars = 100_000, slowest = 1000, hosts = 100, hrefOf }: ReportBounds = {},
): Promise<ReportModel> {
  const stats = createStats();
  const span = { fromMs: Infinity, toMs: -Infinity };
  const run = new RunSpan();
  const bins = new TimeBins();
  const elapsed = { ok: new LogHistogram(), unexpected: new LogHistogram(), failed: new LogHistogram() };
  const ofPhase = new Map<Phase, LogHistogram>(phases.map((phase) => [phase, new LogHistogram()]));
  const ofHost = new HostCounts();
  const sample = new Sample<Row>(bars);
  const notable = new Notable({ slowest, perLabel: maxRowsPerLabel, notOk: 3000 });
  const hostOf = hostReader();

  for await (const record of records) {
    const host = hostOf(record.url);
    const verdict = verdictOf(record);
    const startMs = startOf(record);
    stats.add(record);
    run.add(record);
    ofHost.add(host, record);
    if (verdict !== 'cancelled' && record.attempts > 0) elapsed[verdict].add(record.elapsedMs);
    addTimings(ofPhase, record.timingsMs);
    notable.offer(record, () => {
      const href = record.kind === 'response' && record.file !== undefined ? hrefOf?.(record.file) : undefined;
      return toRow(record, { host, startMs, maxUrlLength: 2000, href });
    });
    if (startMs === undefined) continue;
    const endMs = startMs + record.elapsedMs;
    span.fromMs = Math.min(span.fromMs, startMs);
    span.toMs = Math.max(span.toMs, endMs);
    bins.add(startMs, record.elapsedMs, verdict);
    sample.offer(() => toRow(record, { host, startMs, maxUrlLength: 300 }));
  }

  return {
    stats,
    span: sample.count === 0 ? undefined : span,
    wallMs: run.wallMs,
    placed: sample.count,
    bins: bins.bins(),
    elapsed,
    phases: ofPhase,
    hosts: ofHost.figures(hosts),
    bars: sample.items.sort((one, other) => one.startMs! - other.startMs! || one.index - other.index),
    notable: { ...notable.take(), notOkCount: notable.notOkCount },
  };
}

/** Returns the start in milliseconds since 1970; undefined if unknown, or if start and end do not fit a `Date`. */
function startOf({ at, elapsedMs }: ResultRecord): number | undefined {
  if (at === undefined) return undefined;
  const startMs = Date.parse(at);
  return Math.abs(startMs) <= maxTimeMs && elapsedMs <= maxTimeMs ? startMs : undefined;
}

/** Half of the range of a `Date`. */
const maxTimeMs = 4.32e15;

function addTimings(histograms: ReadonlyMap<Phase, LogHistogram>, timings: Timings = {}): void {
  for (const phase of phases) {
    const ms = timings[phase];
    if (ms !== undefined) histograms.get(phase)!.add(ms);
  }
}
