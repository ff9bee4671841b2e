import { formatCount, formatDuration, plural } from '../../text/quantity.ts';
import { html, type Markup } from '../markup.ts';
import { phases, type Phase } from '../model/phases.ts';
import type { ReportModel } from '../model/report-model.ts';
import { plotLatency } from '../plots/latency.ts';
import { svgLength } from '../plots/plot.ts';

/** Renders the latency distribution, its percentiles, and the time spent in each phase. */
export function latency({ stats, elapsed, phases: ofPhase }: ReportModel): Markup | undefined {
  const timed = elapsed.ok.count + elapsed.unexpected.count + elapsed.failed.count;
  if (timed === 0) return undefined;
  const times = [50, 75, 90, 95, 99, 99.9].map((at): [string, number] => [`p${at}`, stats.percentileMs(at)]);
  return html`<section aria-labelledby="latency">
    <h2 id="latency">Latency</h2>
    <p class="muted">
      Latency of ${plural(timed, 'request')}, cancelled ones left out: from the first dispatch to the end of the last
      attempt, including retries and backoff.
    </p>
    <div class="pair wide-first">
      ${plotLatency(elapsed)}
      <div>
        <table class="small-table">
          <caption>
            Latency percentiles
          </caption>
          <tbody>
            ${[...times, ['max', stats.longestMs] as const].map(
              ([name, ms]) =>
                html`<tr>
                  <th scope="row">${name}</th>
                  <td>${precise(ms)}</td>
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
    </div>
    ${phaseTable(ofPhase)}
  </section> `;
}

const names: Readonly<Record<Phase, string>> = {
  queue: 'Queued (client side)',
  dns: 'DNS',
  connect: 'Connect',
  proxy: 'Proxy',
  tls: 'TLS handshake',
  firstByte: 'Time to first byte',
  download: 'Download',
};

function phaseTable(ofPhase: ReportModel['phases']): Markup | undefined {
  const known = phases.filter((phase) => ofPhase.get(phase)!.count > 0);
  if (known.length === 0) return undefined;
  // Time in the queue is not part of the latency, and would dwarf the other bars.
  const longest = Math.max(...known.filter((phase) => phase !== 'queue').map((phase) => ofPhase.get(phase)!.sumMs));
  return html`<h3>Where the time went</h3>
    <p class="muted">
      Phases of the last attempt of each request, where known. Requests on a reused connection have no DNS, connect and
      TLS phase. Time queued on the client is not part of the latencies above.
    </p>
    <div class="scroll" tabindex="0" role="region" aria-label="Phases">
      <table class="phases">
        <thead>
          <tr>
            <th scope="col">Phase</th>
            <th scope="col">Samples</th>
            <th scope="col">p50</th>
            <th scope="col">p90</th>
            <th scope="col">p99</th>
            <th scope="col">Max</th>
            <th scope="col">Total</th>
            <td class="bar-cell"></td>
          </tr>
        </thead>
        <tbody>
          ${known.map((phase) => {
            const times = ofPhase.get(phase)!;
            const bar =
              phase !== 'queue' && longest > 0
                ? html`<svg class="share-bar" aria-hidden="true">
                    <rect class="fill-${phase}" width="${svgLength(times.sumMs / longest)}" height="100%" />
                  </svg>`
                : undefined;
            return html`<tr>
              <th scope="row">${names[phase]}</th>
              <td>${formatCount(times.count)}</td>
              ${[50, 90, 99].map((at) => html`<td>${precise(times.percentileMs(at))}</td>`)}
              <td>${precise(times.longestMs)}</td>
              <td>${formatDuration(times.sumMs)}</td>
              <td class="bar-cell">${bar}</td>
            </tr>`;
          })}
        </tbody>
      </table>
    </div> `;
}

/** Formats a time. On loopback a request may take less than a tenth of a millisecond. */
function precise(milliseconds: number): string {
  return milliseconds < 0.95 && milliseconds > 0
    ? `${Math.round(milliseconds * 1000)} µs`
    : formatDuration(milliseconds);
}
