import { version } from '../version.ts';
import { formatCount, formatDuration } from '../text/quantity.ts';
import { renderDocument } from './document.ts';
import { html, type Markup } from './markup.ts';
import type { ReportModel } from './model/report-model.ts';
import { pageData } from './page-data.ts';
import { hosts } from './sections/hosts.ts';
import { latency } from './sections/latency.ts';
import { overTime } from './sections/over-time.ts';
import { requests } from './sections/requests.ts';
import { timeline } from './sections/timeline.ts';
import { totals } from './sections/totals.ts';

/**
 * The page of a run: one text that is whole in itself.
 *
 * @param name what the records are called, such as the name of their file
 */
export function renderReportPage(model: ReportModel, name: string): string {
  const body = html`<header>
      <h1>fetchmany report</h1>
      <p class="source"><bdi>${name}</bdi></p>
      <p class="muted">${when(model)}</p>
    </header>
    <main>
      ${totals(model)} ${timeline(model)} ${overTime(model)} ${latency(model)} ${hosts(model.hosts)} ${requests(model)}
    </main>
    ${footer('Speed-up is the time of all requests together against the time that the run took. Counts, sums and bars are over all records. Percentiles are exact to a thousandth, those of phases to half a percent.')} `;
  return renderDocument({ title: `${name} – fetchmany report`, body, script: 'report', data: pageData(model) });
}

/** What stands under every page. */
export function footer(note: string): Markup {
  return html`<footer>
    <p class="muted small">${note} Made by fetchmany ${version}. This file is whole in itself: it loads nothing.</p>
  </footer> `;
}

function when({ span, stats, hosts: { hosts: hostCount } }: ReportModel): string {
  if (stats.count === 0) return 'No records.';
  const what = `${formatCount(stats.count)} ${stats.count === 1 ? 'request' : 'requests'} to ${formatCount(hostCount)} ${hostCount === 1 ? 'host' : 'hosts'}`;
  if (span === undefined) return `${what}; none was sent.`;
  const start = new Date(span.fromMs)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, ' UTC');
  return `${what}, from ${start} on, in ${formatDuration(span.toMs - span.fromMs)}`;
}
