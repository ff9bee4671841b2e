import type { Verdict } from './model/outcome.ts';
import { verdicts } from './model/outcome.ts';
import { phases, type Phase, type ReportModel } from './model/report-model.ts';
import type { Row } from './model/row.ts';

/** What the script of the page works on. Columns instead of rows: it packs smaller, and is read faster. */
export interface PageData {
  /** When the run began, in milliseconds since 1970. */
  readonly startMs: number;
  readonly lengthMs: number;
  readonly outcomes: readonly Verdict[];
  /** The words that columns of {@link Bars} refer to by their places. */
  readonly hosts: readonly string[];
  readonly labels: readonly string[];
  readonly methods: readonly string[];
  readonly bars: Bars;
  readonly rows: readonly Row[];
}

/** The bars of the timeline, in the order of their starts; each column has one entry for each. */
export interface Bars {
  /** Milliseconds after the bar before it; of the first, after the start of the run. */
  readonly gapsMs: readonly number[];
  readonly elapsedMs: readonly number[];
  readonly outcomes: readonly number[];
  readonly hosts: readonly number[];
  readonly labels: readonly number[];
  readonly methods: readonly number[];
  readonly indexes: readonly number[];
  readonly attempts: readonly number[];
  readonly lengths: readonly number[];
  /** What stands behind the host; whole where the URL does not begin with its host. */
  readonly paths: readonly string[];
  /** Milliseconds, 0 where it is not known. The time in our own queue is no part of a bar. */
  readonly phases: Readonly<Record<BarPhase, readonly number[]>>;
}

/** The phases that a bar is made of. */
type BarPhase = Exclude<Phase, 'queue'>;

/** Packs what the script of the page works on. */
export function pageData({ span, bars, notable }: ReportModel): PageData {
  const startMs = span?.fromMs ?? 0;
  const hosts = new Words();
  const labels = new Words();
  const methods = new Words();
  const columns = {
    gapsMs: bars.map((bar, at) => bar.startMs! - (bars[at - 1]?.startMs ?? startMs)),
    elapsedMs: bars.map(({ elapsedMs }) => elapsedMs),
    outcomes: bars.map(({ outcome }) => verdicts.indexOf(outcome)),
    hosts: bars.map(({ host }) => hosts.placeOf(host)),
    labels: bars.map(({ label }) => labels.placeOf(label)),
    methods: bars.map(({ method }) => methods.placeOf(method)),
    indexes: bars.map(({ index }) => index),
    attempts: bars.map(({ attempts }) => attempts),
    lengths: bars.map(({ length }) => length),
    paths: bars.map(({ url, host }) => (url.startsWith(`${host}/`) ? url.slice(host.length) : url)),
  };
  const ofPhase = Object.fromEntries(
    phases.filter((phase) => phase !== 'queue').map((phase) => [phase, bars.map(({ timings }) => timings[phase] ?? 0)]),
  ) as Record<BarPhase, number[]>;
  return {
    startMs,
    lengthMs: span === undefined ? 0 : span.toMs - span.fromMs,
    outcomes: verdicts,
    hosts: hosts.all,
    labels: labels.all,
    methods: methods.all,
    bars: { ...columns, phases: ofPhase },
    rows: notable.rows,
  };
}

/** Each word once, with its place. */
class Words {
  readonly all: string[] = [];
  readonly #places = new Map<string, number>();

  placeOf(word: string): number {
    const known = this.#places.get(word);
    if (known !== undefined) return known;
    this.#places.set(word, this.all.length);
    return this.all.push(word) - 1;
  }
}
