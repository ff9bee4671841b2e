import { html, type Markup } from '../markup.ts';
import type { ReportModel } from '../model/report-model.ts';
import { plotInFlight, plotThroughput } from '../plots/over-time.ts';

/** Renders throughput and concurrency over time. */
export function overTime({ bins, span }: ReportModel): Markup | undefined {
  if (span === undefined) return undefined;
  return html`<section aria-labelledby="over-time">
    <h2 id="over-time">Over time</h2>
    <div class="pair">${plotThroughput(bins, span)} ${plotInFlight(bins, span)}</div>
  </section> `;
}
