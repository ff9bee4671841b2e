import type { Stats } from '../../stats/stats.ts';
import { bytes, formatCount, formatDuration, formatRate } from '../../text/quantity.ts';
import { html, type Markup } from '../markup.ts';
import { verdicts, verdictSigns, type Verdict } from '../model/outcome.ts';
import type { ReportModel } from '../model/report-model.ts';
import { percent } from '../plots/plot.ts';

/** What a run came to, at a glance. */
export function totals({ stats, span }: ReportModel): Markup {
  const wallMs = span === undefined ? 0 : span.toMs - span.fromMs;
  const counts = outcomeCounts(stats);
  return html`<section aria-labelledby="totals">
    <h2 id="totals" class="hidden">Totals</h2>
    <dl class="figures">
      ${figure('Requests', formatCount(stats.count))} ${figure('Ok', share(stats.ok, stats.count))}
      ${span && figure('Took', formatDuration(wallMs))}
      ${span && figure('Speed', `${formatRate(stats.count / (Math.max(wallMs, 1) / 1000))} /s`)}
      ${stats.longestMs > 0 && figure('Half within', formatDuration(stats.percentileMs(50)))}
      ${stats.longestMs > 0 && figure('99% within', formatDuration(stats.percentileMs(99)))}
      ${span && gain(stats.elapsedMs, wallMs)} ${figure('Bodies', bytes(stats.length))}
      ${stats.retries > 0 && figure('Retries', formatCount(stats.retries))}
    </dl>
    ${stats.count > 0 && outcomeBar(counts, stats.count)} ${labels(stats)}
  </section> `;
}

function figure(name: string, value: string): Markup {
  return html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`;
}

/** What running together was worth; nothing if it was worth nothing. */
function gain(elapsedMs: number, wallMs: number): Markup | undefined {
  const times = elapsedMs / Math.max(wallMs, 1);
  return times < 1.05 ? undefined : figure('Speed-up', `${formatRate(times)} ×`);
}

function outcomeCounts({ responses, ok, failures, cancelled }: Stats): Record<Verdict, number> {
  return { ok, notOk: responses - ok, failed: failures, cancelled };
}

function outcomeBar(counts: Readonly<Record<Verdict, number>>, all: number): Markup {
  const shown = verdicts.filter((outcome) => counts[outcome] > 0);
  return html`${bar(counts, all, 'outcome-bar')}
    <ul class="legend">
      ${shown.map(
        (outcome) =>
          html`<li>
            ${sign(outcome)} <b>${formatCount(counts[outcome])}</b> ${verdictSigns[outcome].name}
            <span class="muted">${share(counts[outcome], all)}</span>
          </li>`,
      )}
    </ul> `;
}

/** One bar whose parts are the outcomes. Whatever there is can be seen, be it one in a million. */
export function bar(counts: Readonly<Record<Verdict, number>>, all: number, style: string): Markup {
  let from = 0;
  const parts = verdicts.map((outcome) => {
    const x = from / all;
    from += counts[outcome];
    return counts[outcome] === 0
      ? undefined
      : html`<rect
          class="fill-${outcome} part"
          x="${percent(x)}"
          width="${percent(counts[outcome] / all)}"
          height="100%"
        />`;
  });
  return html`<svg class="${style}" aria-hidden="true">${parts}</svg>`;
}

/** The mark of an outcome: a shape as well as a colour. */
function sign(outcome: Verdict): Markup {
  return html`<span class="sign sign-${outcome}" aria-hidden="true">${verdictSigns[outcome].sign}</span>`;
}

interface Label {
  readonly label: string;
  readonly outcome: Verdict;
  readonly times: number;
}

/** How many had each status or code. */
function labels({ statuses, unexpected, codes, cancelled, count: all }: Stats): Markup | undefined {
  const responses = [...statuses].flatMap(([status, times]): Label[] => {
    const notOk = unexpected.get(status) ?? 0;
    return [
      { label: String(status), outcome: 'ok', times: times - notOk },
      { label: String(status), outcome: 'notOk', times: notOk },
    ];
  });
  const failures = [...codes].map(([code, times]): Label => ({ label: code, outcome: 'failed', times }));
  const found = [...responses, ...failures, { label: 'cancelled', outcome: 'cancelled' as const, times: cancelled }]
    .filter(({ times }) => times > 0)
    .sort((one, other) => other.times - one.times);
  if (found.length === 0) return undefined;
  const rest = found.slice(maxLabels).reduce((sum, { times }) => sum + times, 0);
  return html`<ul class="labels">
    ${found.slice(0, maxLabels).map(
      ({ label, outcome, times }) =>
        html`<li>
          ${sign(outcome)} <span class="label">${label}</span> <b>${formatCount(times)}</b>
          <span class="muted">${share(times, all)}</span>
        </li>`,
    )}
    ${rest > 0 && html`<li class="muted">${formatCount(found.length - maxLabels)} others, ${formatCount(rest)} requests</li>`}
  </ul> `;
}

const maxLabels = 24;

/** A part of a whole; only all of it is 100%, and only nothing is 0%. */
function share(part: number, all: number): string {
  if (all === 0) return '–';
  const hundredths = (part / all) * 100;
  if (part > 0 && hundredths < 0.1) return '< 0.1%';
  if (part < all && hundredths > 99.9) return '> 99.9%';
  return `${Number(hundredths.toFixed(1))}%`;
}
