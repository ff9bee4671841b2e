import { renderDocument } from '../../src/pages/document.ts';
import { html, type Markup } from '../../src/pages/markup.ts';
import { footer } from '../../src/pages/report-page.ts';
import { formatCount, formatRate } from '../../src/text/quantity.ts';
import { errorCount } from './level-figures.ts';
import { plotLatencies, plotThroughputs } from './curves.ts';
import { plural } from './plural.ts';
import {
  advice,
  boundWords,
  cells,
  errorLines,
  heads,
  machine,
  precise,
  requestWords,
  sourceWords,
  type Report,
} from './report.ts';

/** A benchmark as a page that is whole in itself: the curves of throughput and latency over concurrency. */
export function renderBenchPage(report: Report): string {
  const { plan } = report;
  const { cpu, cores } = machine();
  const body = html`<header>
      <h1>fetchmany bench</h1>
      <p class="source">${sourceWords(report)}</p>
      <p class="muted">
        ${requestWords(plan)}, medians of ${plural(plan.rounds, 'round')}; ${cpu}, ${plural(cores, 'core')}, Node
        ${process.version}
      </p>
    </header>
    <main>${verdict(report)} ${curves(report)} ${table(report)}</main>
    ${footer('Sequential is one request at a time; every level makes the same requests, in turn with the others.')} `;
  return renderDocument({ title: `${sourceWords(report)} – fetchmany bench`, body, script: 'bench' });
}

function verdict(report: Report): Markup {
  const { choice, levels } = report;
  const chosen = levels.find(({ level }) => level === choice?.level);
  const first = levels[0]!;
  return html`<section aria-labelledby="verdict">
    <h2 id="verdict" class="hidden">What to choose</h2>
    ${
      chosen &&
      html`<dl class="figures">
        <div>
          <dt>Choose</dt>
          <dd>-c ${formatCount(chosen.level)}</dd>
        </div>
        <div>
          <dt>Ok per second</dt>
          <dd>${formatRate(chosen.perSecond.median)}</dd>
        </div>
        <div>
          <dt>Sequential</dt>
          <dd>${formatRate(first.perSecond.median)}</dd>
        </div>
        ${
          Number.isFinite(chosen.speedUp) &&
          html`<div>
            <dt>Speed-up</dt>
            <dd>${formatRate(chosen.speedUp)} ×</dd>
          </div>`
        }
        <div>
          <dt>Half within</dt>
          <dd>${precise(chosen.p50Ms)}</dd>
        </div>
        <div>
          <dt>99% within</dt>
          <dd>${precise(chosen.p99Ms)}</dd>
        </div>
        <div>
          <dt>Not ok</dt>
          <dd>${formatCount(levels.reduce((sum, figures) => sum + errorCount(figures), 0))}</dd>
        </div>
      </dl>`
    }
    <p>${choice ? advice(report, choice) : 'Nothing was ok.'}</p>
    ${choice && html`<p>${boundWords(report, choice)}</p>`}
  </section> `;
}

function curves({ levels, choice }: Report): Markup | undefined {
  if (choice === undefined) return undefined;
  return html`<section aria-labelledby="curves">
    <h2 id="curves">Over concurrency</h2>
    <div class="pair">${plotThroughputs(levels, choice.level)} ${plotLatencies(levels, choice.level)}</div>
  </section> `;
}

function table({ levels }: Report): Markup {
  return html`<section aria-labelledby="levels">
    <h2 id="levels">All levels</h2>
    <div class="scroll" tabindex="0" role="region" aria-label="All levels">
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
