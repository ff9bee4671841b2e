import { bytes, formatCount, formatDuration, plural } from '../../text/quantity.ts';
import { html, type Markup } from '../markup.ts';
import type { Hosts, HostTotals } from '../model/host-counts.ts';
import { noHost } from '../model/host-reader.ts';
import { sumOf } from '../model/verdicts.ts';
import { bar } from './totals.ts';

/** Renders the totals by host. */
export function hosts(all: Hosts): Markup | undefined {
  if (all.shown.length === 0) return undefined;
  return html`<section aria-labelledby="hosts">
    <h2 id="hosts">Hosts</h2>
    <p class="muted">${scope(all)}</p>
    <div class="scroll" tabindex="0" role="region" aria-label="Table of hosts">
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
          ${all.shown.map(hostRow)}
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
  { name: 'Unexpected' },
  { name: 'Failed' },
  { name: 'Cancelled' },
  { name: 'Mean time' },
  { name: 'Max time' },
  { name: 'Data' },
];

function hostRow({ host, verdicts, meanMs, longestMs, length }: HostTotals): Markup {
  const all = sumOf(verdicts);
  const { ok, unexpected, failed, cancelled } = verdicts;
  return html`<tr>
    <th scope="row" data-value="${host}"><bdi class="host">${host}</bdi>${bar(verdicts, all, 'share-bar')}</th>
    ${[
      [all, formatCount(all)] as const,
      [ok, formatCount(ok)] as const,
      [unexpected, formatCount(unexpected)] as const,
      [failed, formatCount(failed)] as const,
      [cancelled, formatCount(cancelled)] as const,
      [meanMs, meanMs === 0 ? '–' : formatDuration(meanMs)] as const,
      [longestMs, longestMs === 0 ? '–' : formatDuration(longestMs)] as const,
      [length, bytes(length)] as const,
    ].map(([value, text], at) => cell(value, text, columns[at + 1]!.name))}
  </tr>`;
}

/** @param name title of the column, which a narrow screen shows beside the text */
function cell(value: number, text: string, name: string): Markup {
  return html`<td data-value="${value}" data-name="${name}" ${value === 0 && html` class="muted"`}>${text}</td>`;
}

function scope({ shown, count, hosts: hostCount, uncounted }: Hosts): string {
  const sorts = 'the busiest, those with the most results that are not ok, and the slowest';
  const known =
    shown.length === count
      ? `All ${plural(hostCount, 'host')}${count > hostCount ? ', and the inputs without a host' : ''}.`
      : `${formatCount(shown.filter(({ host }) => host !== noHost).length)} of ${plural(hostCount, 'host')}: ${sorts}.`;
  const rest = `${plural(uncounted, 'request')} went to further hosts, which are not counted one by one.`;
  return uncounted === 0 ? known : `${known} ${rest}`;
}
