import type { Verdict } from '../../http/result.ts';
import type { Stats } from '../../stats/stats.ts';
import { bytes, formatCount, formatDuration, formatRate, plural } from '../../text/quantity.ts';
import { html, type Markup } from '../markup.ts';
import type { ReportModel } from '../model/report-model.ts';
import { verdicts, verdictSigns } from '../model/verdicts.ts';
import { svgLength } from '../plots/plot.ts';

/** Renders the totals of a run. Selected records have no throughput: others ran in between. */
export function totals({ stats, span, wallMs }: ReportModel, isSelection: boolean): Markup {
  const counts = verdictCounts(stats);
  return html`<section aria-labelledby="totals">
    <h2 id="totals" class="hidden">Totals</h2>
    <dl class="figures">
      ${figure('Requests', formatCount(stats.count))} ${figure('Ok', share(stats.ok, stats.count))}
      ${span && !isSelection && figure('Duration', formatDuration(wallMs))}
      ${span && !isSelection && figure('Throughput', `${formatRate(stats.count / (Math.max(wallMs, 1) / 1000))} /s`)}
      ${stats.longestMs > 0 && figure('p50 latency', formatDuration(stats.percentileMs(50)))}
      ${stats.longestMs > 0 && figure('p99 latency', formatDuration(stats.percentileMs(99)))}
      ${span && !isSelection && speedUp(stats.elapsedMs, wallMs)} ${figure('Data received', bytes(stats.wireLength))}
      ${stats.retries > 0 && figure('Retries', formatCount(stats.retries))}
    </dl>
    ${stats.count > 0 && verdictBar(counts, stats.count)} ${labels(stats)}
  </section> `;
}

function figure(name: string, value: string): Markup {
  return html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`;
}

/** Compares the run with sending one request at a time; undefined if it was not faster. */
function speedUp(elapsedMs: number, wallMs: number): Markup | undefined {
  const times = elapsedMs / Math.max(wallMs, 1);
  return times < 1.05 ? undefined : figure('Speed-up', `${formatRate(times)} ×`);
}

function verdictCounts({ responses, ok, failures, cancelled }: Stats): Record<Verdict, number> {
  return { ok, unexpected: responses - ok, failed: failures, cancelled };
}

function verdictBar(counts: Readonly<Record<Verdict, number>>, all: number): Markup {
  const shown = verdicts.filter((verdict) => counts[verdict] > 0);
  return html`${bar(counts, all, 'outcome-bar')}
    <ul class="legend">
      ${shown.map(
        (verdict) =>
          html`<li>
            ${sign(verdict)} <b>${formatCount(counts[verdict])}</b> ${verdictSigns[verdict].name}
            <span class="muted">${share(counts[verdict], all)}</span>
          </li>`,
      )}
    </ul> `;
}

/** Renders counts by verdict as one bar. Even one in a million stays visible. */
export function bar(counts: Readonly<Record<Verdict, number>>, all: number, style: string): Markup {
  let from = 0;
  const parts = verdicts.map((verdict) => {
    const x = from / all;
    from += counts[verdict];
    return counts[verdict] === 0
      ? undefined
      : html`<rect
          class="fill-${verdict} part"
          x="${svgLength(x)}"
          width="${svgLength(counts[verdict] / all)}"
          height="100%"
        />`;
  });
  return html`<svg class="${style}" aria-hidden="true">${parts}</svg>`;
}

/** Renders the sign of a verdict, which has a shape as well as a colour. */
function sign(verdict: Verdict): Markup {
  return html`<span class="sign sign-${verdict}" aria-hidden="true">${verdictSigns[verdict].sign}</span>`;
}

interface Label {
  readonly label: string;
  readonly verdict: Verdict;
  readonly times: number;
}

/** Renders the number of results by status or error code. */
function labels({ statuses, unexpected, codes, cancelled, count: all }: Stats): Markup | undefined {
  const responses = [...statuses].flatMap(([status, times]): Label[] => {
    const bad = unexpected.get(status) ?? 0;
    return [
      { label: String(status), verdict: 'ok', times: times - bad },
      { label: String(status), verdict: 'unexpected', times: bad },
    ];
  });
  const failures = [...codes].map(([code, times]): Label => ({ label: code, verdict: 'failed', times }));
  const found = [...responses, ...failures, { label: 'cancelled', verdict: 'cancelled' as const, times: cancelled }]
    .filter(({ times }) => times > 0)
    .sort((one, other) => other.times - one.times);
  if (found.length === 0) return undefined;
  const rest = found.slice(maxLabels).reduce((sum, { times }) => sum + times, 0);
  return html`<ul class="labels">
    ${found.slice(0, maxLabels).map(
      ({ label, verdict, times }) =>
        html`<li>
          ${sign(verdict)} <span class="label">${label}</span> <b>${formatCount(times)}</b>
          <span class="muted">${share(times, all)}</span>
        </li>`,
    )}
    ${rest > 0 && html`<li class="muted">${formatCount(found.length - maxLabels)} more, with ${plural(rest, 'request')}</li>`}
  </ul> `;
}

const maxLabels = 24;

/** Formats a share to 0.1%. Only all is 100%, and only nothing is 0%. */
function share(part: number, all: number): string {
  if (all === 0) return '–';
  const hundredths = (part / all) * 100;
  if (part > 0 && hundredths < 0.1) return '< 0.1%';
  if (part < all && hundredths > 99.9) return '> 99.9%';
  return `${Number(hundredths.toFixed(1))}%`;
}
