import { formatCount, formatDuration } from '../../text/quantity.ts';
import { html, type Markup } from '../markup.ts';
import { phases, type Phase, type ReportModel } from '../model/report-model.ts';
import { plotLatency } from '../plots/latency.ts';
import { percent } from '../plots/plot.ts';

/** How long requests took, and where the time went. */
export function latency({ stats, elapsed, phases: ofPhase }: ReportModel): Markup | undefined {
  const timed = elapsed.ok.count + elapsed.notOk.count + elapsed.failed.count;
  if (timed === 0) return undefined;
  const times = [50, 75, 90, 95, 99, 99.9].map((at): [string, number] => [`${at}%`, stats.percentileMs(at)]);
  return html`<section aria-labelledby="latency">
    <h2 id="latency">Latency</h2>
    <p class="muted">
      Of the ${formatCount(timed)} requests that were tried and not cancelled: from the first dispatch to the end,
      retries and back-off included.
    </p>
    <div class="pair wide-first">
      ${plotLatency(elapsed)}
      <div>
        <table class="small-table">
          <caption>
            So many were done within
          </caption>
          <tbody>
            ${[...times, ['all', stats.longestMs] as const].map(
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
  queue: 'Waiting in our own queue',
  dns: 'Looking up the name',
  connect: 'Connecting',
  tls: 'TLS handshake',
  firstByte: 'Waiting for the first byte',
  download: 'Receiving the body',
};

function phaseTable(ofPhase: ReportModel['phases']): Markup | undefined {
  const known = phases.filter((phase) => ofPhase.get(phase)!.count > 0);
  if (known.length === 0) return undefined;
  // The queue is not a part of the time that a request takes, and would dwarf all that is.
  const longest = Math.max(...known.filter((phase) => phase !== 'queue').map((phase) => ofPhase.get(phase)!.sumMs));
  return html`<h3>Where the time went</h3>
    <p class="muted">
      Of the last try of each request, as far as it is known: a connection that stood already was not made again.
      Waiting in our own queue is not part of the times above.
    </p>
    <div class="scroll" tabindex="0" role="region" aria-label="Phases">
      <table class="phases">
        <thead>
          <tr>
            <th scope="col">Phase</th>
            <th scope="col">Known of</th>
            <th scope="col">50%</th>
            <th scope="col">90%</th>
            <th scope="col">99%</th>
            <th scope="col">Longest</th>
            <th scope="col">All together</th>
            <td class="bar-cell"></td>
          </tr>
        </thead>
        <tbody>
          ${known.map((phase) => {
            const times = ofPhase.get(phase)!;
            const bar =
              phase !== 'queue' && longest > 0
                ? html`<svg class="share-bar" aria-hidden="true">
                    <rect class="fill-${phase}" width="${percent(times.sumMs / longest)}" height="100%" />
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

/** On loopback whole requests take less than a tenth of a millisecond. */
function precise(milliseconds: number): string {
  return milliseconds < 0.95 && milliseconds > 0
    ? `${Math.round(milliseconds * 1000)} µs`
    : formatDuration(milliseconds);
}
