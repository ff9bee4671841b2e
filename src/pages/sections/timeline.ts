import { formatCount, plural } from '../../text/quantity.ts';
import { html, type Markup } from '../markup.ts';
import type { ReportModel } from '../model/report-model.ts';

/** Renders the frame of the timeline, which the page's script draws. */
export function timeline({ bars, placed, stats }: ReportModel): Markup | undefined {
  if (bars.length === 0) return undefined;
  return html`<section aria-labelledby="timeline-title">
    <h2 id="timeline-title">Timeline</h2>
    <p class="muted">${scope(bars.length, placed, stats.count)}</p>
    <div class="toolbar" id="timeline-tools" hidden>
      <label
        >Layout
        <select id="timeline-order">
          <option value="start">one row per request</option>
          <option value="lanes">lanes</option>
          <option value="host">lanes by host</option>
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
      aria-label="Timeline of requests"
      aria-describedby="timeline-keys"
    >
      <canvas aria-hidden="true"></canvas>
    </div>
    <output class="readout" id="timeline-readout">Hover over a bar for details.</output>
    <p class="muted small" id="timeline-keys">
      Keys: + and − zoom, ← and → pan, ↑ and ↓ select the previous or next request, 0 shows the whole run. The mouse
      wheel zooms once you have clicked the timeline, or with Ctrl. Drag to pan, pinch to zoom.
    </p>
    <ul class="legend small">
      <li><span class="bar-key bar-early"></span> connecting, earlier attempts, backoff</li>
      <li><span class="bar-key bar-wait"></span> waiting for the first byte</li>
      <li><span class="bar-key bar-body"></span> receiving</li>
    </ul>
    <noscript><p>The timeline needs JavaScript. The plots and the table of hosts work without it.</p></noscript>
  </section> `;
}

function scope(shown: number, placed: number, all: number): string {
  const first =
    shown === placed
      ? `${plural(placed, 'request')}.`
      : `${formatCount(shown)} of ${plural(placed, 'request')}, sampled evenly.`;
  const missing = all - placed;
  if (missing === 0) return first;
  const [were, their] = missing === 1 ? ['was', 'its'] : ['were', 'their'];
  return `${first} ${formatCount(missing)} more ${were} never sent, or ${their} start is unknown.`;
}
