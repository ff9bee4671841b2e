import type { Difference } from '../stats/run-diff.ts';
import type { Stats } from '../stats/stats.ts';
import { bytes, formatCount, formatDuration, plural } from '../text/quantity.ts';
import { renderDocument } from './document.ts';
import { html, type Markup } from './markup.ts';
import { footer } from './report-page.ts';

/** More rows than these are counted but not listed. */
const maxRows = 5000;

/** Collects the differences for a page, in bounded memory. */
export class DiffModel {
  readonly rows: Difference[] = [];
  readonly counts: Map<string, number> = new Map<string, number>();

  add(difference: Difference): void {
    this.counts.set(difference.kind, (this.counts.get(difference.kind) ?? 0) + 1);
    if (this.rows.length < maxRows) this.rows.push(difference);
  }

  get count(): number {
    return [...this.counts.values()].reduce((sum, count) => sum + count, 0);
  }
}

/** The totals of both runs. */
export interface ComparedRuns {
  readonly old: Stats;
  readonly fresh: Stats;
}

/** Renders the self-contained page of a comparison of two runs. */
export function renderDiffPage(model: DiffModel, runs: ComparedRuns, oldName: string, newName: string): string {
  const body = html`<header>
      <h1>fetchmany diff</h1>
      <p class="source"><bdi>${oldName}</bdi> → <bdi>${newName}</bdi></p>
      <p class="muted">${model.count === 0 ? 'No differences.' : `${plural(model.count, 'difference')}.`}</p>
    </header>
    <main>${sideBySide(runs)} ${model.count > 0 && kinds(model)} ${model.count > 0 && table(model)}</main>
    ${footer('Content is compared by SHA-256 where both runs have it, else by recorded bodies, else by length; and by media type and final URL.')} `;
  return renderDocument({ title: `${newName} – fetchmany diff`, body, script: 'diff' });
}

const meanings: Readonly<Record<string, string>> = {
  failing: 'newly not ok',
  fixed: 'ok again',
  status: 'another status or error',
  content: 'other content',
  slower: 'at least twice as slow, and by 500 ms or more',
  new: 'only in the new run',
  gone: 'only in the old run',
};

/** Renders the outcomes and latencies of both runs beside each other. */
function sideBySide({ old, fresh }: ComparedRuns): Markup {
  return html`<section aria-labelledby="runs">
    <h2 id="runs">Both runs</h2>
    <table>
      <thead>
        <tr>
          <th scope="col">Figure</th>
          <th scope="col">Old</th>
          <th scope="col">New</th>
          <th scope="col">Change</th>
        </tr>
      </thead>
      <tbody>
        ${figures.map(({ name, of, format }) => {
          const [before, after] = [of(old), of(fresh)];
          return html`<tr>
            <th scope="row">${name}</th>
            <td>${format(before)}</td>
            <td>${format(after)}</td>
            <td>${change(before, after, format)}</td>
          </tr>`;
        })}
      </tbody>
    </table>
  </section> `;
}

interface Figure {
  readonly name: string;
  readonly of: (stats: Stats) => number;
  readonly format: (value: number) => string;
}

const figures: readonly Figure[] = [
  { name: 'URLs', of: ({ count }) => count, format: formatCount },
  { name: 'Ok', of: ({ ok }) => ok, format: formatCount },
  { name: 'Unexpected', of: ({ responses, ok }) => responses - ok, format: formatCount },
  { name: 'Failed', of: ({ failures }) => failures, format: formatCount },
  ...[50, 90, 99].map((at) => ({
    name: `p${at} latency`,
    of: (stats: Stats) => stats.percentileMs(at),
    format: formatDuration,
  })),
  { name: 'Max latency', of: ({ longestMs }) => longestMs, format: formatDuration },
  { name: 'Data received', of: ({ wireLength }) => wireLength, format: bytes },
];

function change(before: number, after: number, format: Figure['format']): string {
  if (before === after) return '–';
  return `${after > before ? '+' : '−'}${format(Math.abs(after - before))}`;
}

function kinds({ counts }: DiffModel): Markup {
  return html`<section aria-labelledby="kinds">
    <h2 id="kinds">Kinds</h2>
    <table>
      <thead>
        <tr>
          <th scope="col">Kind</th>
          <th scope="col">URLs</th>
          <th scope="col" class="words">Meaning</th>
        </tr>
      </thead>
      <tbody>
        ${Array.from(
          counts,
          ([kind, count]) =>
            html`<tr>
              <th scope="row">${kind}</th>
              <td>${formatCount(count)}</td>
              <td class="words">${meanings[kind]}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </section> `;
}

const columns = ['Kind', 'Old', 'New', 'Old time', 'New time', 'URL'];
const firstTime = columns.indexOf('Old time');

function table(model: DiffModel): Markup {
  const { rows } = model;
  return html`<section aria-labelledby="differences">
    <h2 id="differences">Differences</h2>
    ${rows.length < model.count && html`<p class="muted">The first ${formatCount(rows.length)} are listed.</p>`}
    <div class="scroll requests" tabindex="0" role="region" aria-label="Table of differences">
      <table class="sortable" id="diff-table">
        <thead>
          <tr>
            ${columns.map((name) => html`<th scope="col"><button type="button">${name}</button></th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map(row)}
        </tbody>
      </table>
    </div>
  </section> `;
}

function row({ kind, url, method, oldLabel = '–', newLabel = '–', oldMs, newMs }: Difference): Markup {
  const shown = method === 'GET' ? url : `${method} ${url}`;
  return html`<tr>
    ${[kind, oldLabel, newLabel].map((text, at) => cell(text, text, columns[at]!))}
    ${[oldMs, newMs].map((ms, at) =>
      cell(ms ?? -1, ms === undefined ? '–' : formatDuration(ms), columns[firstTime + at]!),
    )}
    <td data-value="${shown}"><bdi>${shown}</bdi></td>
  </tr>`;
}

function cell(value: string | number, text: string, name: string): Markup {
  return html`<td data-value="${value}" data-name="${name}">${text}</td>`;
}
