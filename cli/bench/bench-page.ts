import { renderDocument } from '../../src/pages/document.ts';
import { html, type Markup } from '../../src/pages/markup.ts';
import { footer } from '../../src/pages/report-page.ts';
import { formatCount, formatRate, plural } from '../../src/text/quantity.ts';
import { errorCount } from './level-figures.ts';
import { plotLatencies, plotThroughputs } from './curves.ts';
import {
  cells,
  conclusions,
  errorLines,
  heads,
  machine,
  formatLatency,
  planWords,
  sourceWords,
  type Report,
} from './report.ts';

/** Renders a benchmark as a self-contained page: throughput and latency by concurrency. */
export function renderBenchPage(report: Report): string {
  const { plan } = report;
  const { cpu, cores } = machine();
  const body = html`<header>
      <h1>fetchmany bench</h1>
      <p class="source">${sourceWords(report)}</p>
      <p class="muted">${planWords(plan)}; ${cpu}, ${plural(cores, 'core')}, Node ${process.version}</p>
    </header>
    <main>${recommendation(report)} ${curves(report)} ${table(report)}</main>
    ${footer('Sequential means one request at a time. Every level makes the same requests, and the levels take turns.')} `;
  return renderDocument({ title: `${sourceWords(report)} – fetchmany bench`, body, script: 'bench' });
}

function recommendation(report: Report): Markup {
  const { choice, levels } = report;
  const chosen = levels.find(({ level }) => level === choice?.level);
  const first = levels[0]!;
  return html`<section aria-labelledby="recommendation">
    <h2 id="recommendation" class="hidden">Recommendation</h2>
    ${
      chosen !== undefined &&
      html`<dl class="figures">
        <div>
          <dt>Recommended</dt>
          <dd>-c ${formatCount(chosen.level)}</dd>
        </div>
        <div>
          <dt>Throughput</dt>
          <dd>${formatRate(chosen.perSecond.median)} /s</dd>
        </div>
        <div>
          <dt>Sequential</dt>
          <dd>${formatRate(first.perSecond.median)} /s</dd>
        </div>
        ${
          Number.isFinite(chosen.speedUp) &&
          html`<div>
            <dt>Speed-up</dt>
            <dd>${formatRate(chosen.speedUp)} ×</dd>
          </div>`
        }
        <div>
          <dt>p50 latency</dt>
          <dd>${formatLatency(chosen.p50Ms)}</dd>
        </div>
        <div>
          <dt>p99 latency</dt>
          <dd>${formatLatency(chosen.p99Ms)}</dd>
        </div>
        <div>
          <dt>Errors</dt>
          <dd>${formatCount(levels.reduce((sum, figures) => sum + errorCount(figures), 0))}</dd>
        </div>
      </dl>`
    }
    ${conclusions(report).map((text) => html`<p>${text}</p>`)}
  </section> `;
}

function curves({ levels, choice }: Report): Markup | undefined {
  if (levels.every(({ ok }) => ok === 0)) return undefined;
  return html`<section aria-labelledby="curves">
    <h2 id="curves">Throughput and latency by concurrency</h2>
    <div class="pair">${plotThroughputs(levels, choice?.level)} ${plotLatencies(levels, choice?.level)}</div>
  </section> `;
}

function table({ levels }: Report): Markup {
  return html`<section aria-labelledby="levels">
    <h2 id="levels">All levels</h2>
    <div class="scroll" tabindex="0" role="region" aria-label="Table of levels">
      <table>
        <thead>
          <tr>
            ${heads.map((head) => html`<th scope="col">${head}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${levels.map((figures) => {
            const [level, ...rest] = cells(figures);
            return html`<tr>
              <th scope="row">${level}${figures.level === 1 && ' (sequential)'}</th>
              ${rest.map((cell) => html`<td>${cell}</td>`)}
            </tr>`;
          })}
        </tbody>
      </table>
    </div>
    ${errorLines(levels).map((line) => html`<p class="muted">${line}</p>`)}
  </section> `;
}
