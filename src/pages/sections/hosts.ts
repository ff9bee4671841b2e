import { bytes, formatCount, formatDuration } from '../../text/quantity.ts';
import { html, type Markup } from '../markup.ts';
import type { HostFigures, Hosts } from '../model/host-counts.ts';
import { sumOf } from '../model/outcome.ts';
import { bar } from './totals.ts';

/** What became of the requests to each host. */
export function hosts({ shown, count: all, uncounted }: Hosts): Markup | undefined {
  if (shown.length === 0) return undefined;
  return html`<section aria-labelledby="hosts">
    <h2 id="hosts">Hosts</h2>
    <p class="muted">${scope(shown.length, all, uncounted)}</p>
    <div class="scroll" tabindex="0" role="region" aria-label="Hosts">
      <table class="sortable" id="host-table">
        <thead>
          <tr>
            ${columns.map(
              ({ name, sorted }) =>
                html`<th scope="col" ${sorted && html` aria-sort="descending"`}>
                  <button type="button">${name}</button>
                </th>`,
            )}
          </tr>
        </thead>
        <tbody>
          ${shown.map(hostRow)}
        </tbody>
      </table>
    </div>
  </section> `;
}

interface Column {
  readonly name: string;
  readonly sorted?: true;
}

const columns: readonly Column[] = [
  { name: 'Host' },
  { name: 'Requests', sorted: true },
  { name: 'Ok' },
  { name: 'Not ok' },
  { name: 'Failed' },
  { name: 'Cancelled' },
  { name: 'Mean time' },
  { name: 'Longest' },
  { name: 'Bodies' },
];

function hostRow({ host, outcomes, meanMs, longestMs, length }: HostFigures): Markup {
  const all = sumOf(outcomes);
  const { ok, notOk, failed, cancelled } = outcomes;
  return html`<tr>
    <th scope="row" data-value="${host}"><bdi class="host">${host}</bdi>${bar(outcomes, all, 'share-bar')}</th>
    ${[
      cell(all, formatCount(all)),
      cell(ok, formatCount(ok)),
      cell(notOk, formatCount(notOk)),
      cell(failed, formatCount(failed)),
      cell(cancelled, formatCount(cancelled)),
      cell(meanMs, meanMs === 0 ? '–' : formatDuration(meanMs)),
      cell(longestMs, longestMs === 0 ? '–' : formatDuration(longestMs)),
      cell(length, bytes(length)),
    ]}
  </tr>`;
}

function cell(value: number, text: string): Markup {
  return html`<td data-value="${value}" ${value === 0 && html` class="muted"`}>${text}</td>`;
}

function scope(shown: number, all: number, uncounted: number): string {
  const what =
    shown === all
      ? `All ${formatCount(all)} of them.`
      : `${formatCount(shown)} of ${formatCount(all)}: those with the most requests, with the most that were not ok, and the slowest.`;
  return uncounted === 0
    ? what
    : `${what} ${formatCount(uncounted)} requests went to hosts that were met after the first ${formatCount(all)}; they were not counted by host.`;
}
