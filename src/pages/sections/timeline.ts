import { formatCount } from '../../text/quantity.ts';
import { html, type Markup } from '../markup.ts';
import type { ReportModel } from '../model/report-model.ts';

/** Where the script of the page draws the single requests over time. */
export function timeline({ bars, placed, stats }: ReportModel): Markup | undefined {
  if (bars.length === 0) return undefined;
  return html`<section aria-labelledby="timeline-title">
    <h2 id="timeline-title">Timeline</h2>
    <p class="muted">${scope(bars.length, placed, stats.count)}</p>
    <div class="toolbar" id="timeline-tools" hidden>
      <label
        >Arranged
        <select id="timeline-order">
          <option value="start">by start</option>
          <option value="lanes">in lanes</option>
          <option value="host">by host</option>
        </select></label
      >
      <span class="buttons">
        <button type="button" id="timeline-out" aria-label="Zoom out">−</button>
        <button type="button" id="timeline-in" aria-label="Zoom in">+</button>
        <button type="button" id="timeline-whole">Whole run</button>
      </span>
      <span class="muted" id="timeline-window"></span>
    </div>
    <div
      class="timeline"
      id="timeline"
      tabindex="0"
      role="application"
      aria-roledescription="timeline"
      aria-label="Timeline of the requests"
      aria-describedby="timeline-keys"
    >
      <canvas aria-hidden="true"></canvas>
    </div>
    <output class="readout" id="timeline-readout">Point at a bar to read what it was.</output>
    <p class="muted small" id="timeline-keys">
      Keys: + and − zoom, ← and → move, ↑ and ↓ go from request to request, 0 shows the whole run. The wheel zooms once
      the timeline has been clicked, or with Ctrl; dragging moves, two fingers zoom.
    </p>
    <ul class="legend small">
      <li><span class="bar-key bar-early"></span> connecting, earlier tries, back-off</li>
      <li><span class="bar-key bar-wait"></span> waiting for the first byte</li>
      <li><span class="bar-key bar-body"></span> receiving</li>
    </ul>
    <noscript
      ><p>
        The timeline is drawn by a script, which this browser does not run. The tables below have the slowest and the
        failed requests' hosts and times.
      </p></noscript
    >
  </section> `;
}

function scope(shown: number, placed: number, all: number): string {
  const what = placed === 1 ? 'The one request that was sent' : `All ${formatCount(placed)} requests that were sent`;
  const first =
    shown === placed
      ? what
      : `${formatCount(shown)} of the ${formatCount(placed)} requests that were sent, chosen evenly`;
  const never = all - placed;
  if (never === 0) return `${first}.`;
  return `${first}; ${never === 1 ? 'one more was' : `${formatCount(never)} more were`} never sent, or it is not known when.`;
}
