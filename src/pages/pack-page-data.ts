import { phases } from './model/phases.ts';
import type { ReportModel } from './model/report-model.ts';
import { verdicts } from './model/verdicts.ts';
import type { BarPhase, PageData } from './page-data.ts';

/** Packs the bars and rows of a report for the page's script. */
export function packPageData({ span, bars, notable }: ReportModel): PageData {
  const startMs = span?.fromMs ?? 0;
  const hosts = new Words();
  const labels = new Words();
  const methods = new Words();
  const columns = {
    gapsMs: bars.map((bar, at) => bar.startMs! - (bars[at - 1]?.startMs ?? startMs)),
    elapsedMs: bars.map(({ elapsedMs }) => elapsedMs),
    verdicts: bars.map(({ verdict }) => verdicts.indexOf(verdict)),
    hosts: bars.map(({ host }) => hosts.positionOf(host)),
    labels: bars.map(({ label }) => labels.positionOf(label)),
    methods: bars.map(({ method }) => methods.positionOf(method)),
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
    verdicts,
    hosts: hosts.all,
    labels: labels.all,
    methods: methods.all,
    bars: { ...columns, phases: ofPhase },
    rows: notable.rows,
  };
}

/** Collects distinct words and their positions. */
class Words {
  readonly all: string[] = [];
  readonly #positions = new Map<string, number>();

  positionOf(word: string): number {
    const known = this.#positions.get(word);
    if (known !== undefined) return known;
    this.#positions.set(word, this.all.length);
    return this.all.push(word) - 1;
  }
}
