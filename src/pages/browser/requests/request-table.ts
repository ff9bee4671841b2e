import { formatCount } from '../../../text/quantity.ts';
import type { Row } from '../../model/row.ts';
import type { PageData } from '../../page-data.ts';
import { element, elementIfThere } from '../element.ts';
import { onSort } from '../sort-table.ts';
import { chooseRows, type RowChoice } from './choose-rows.ts';
import { requestRow } from './request-row.ts';

/** Fills the request table and makes it filterable and sortable. */
export function fillRequests({ rows, startMs }: PageData): void {
  const table = elementIfThere('request-table', HTMLTableElement);
  if (table === undefined) return;
  const body = table.tBodies[0]!;
  const filter = element('request-filter', HTMLFormElement);
  const text = element('request-text', HTMLInputElement);
  const verdict = element('request-outcome', HTMLSelectElement);
  const counts = element('request-count', HTMLOutputElement);
  const more = element('request-more', HTMLButtonElement);
  const keys = Array.from(
    table.querySelectorAll<HTMLElement>('thead th'),
    ({ dataset }) => dataset['key'] as keyof Row,
  );
  let order: Pick<RowChoice, 'key' | 'direction'> = { key: 'elapsedMs', direction: 'descending' };
  let chosen: readonly Row[] = [];

  function choose(): void {
    chosen = chooseRows(rows, { text: text.value, verdict: verdict.value, ...order });
    body.replaceChildren();
    showMore();
  }

  function showMore(): void {
    const shown = body.rows.length;
    body.append(...chosen.slice(shown, shown + pageSize).map((row) => requestRow(row, startMs)));
    const left = chosen.length - body.rows.length;
    more.hidden = left === 0;
    more.textContent = `Show ${formatCount(Math.min(left, pageSize))} more`;
    counts.textContent = `${formatCount(chosen.length)} of ${formatCount(rows.length)} match; ${formatCount(body.rows.length)} shown`;
  }

  onSort(table, (column, direction) => {
    order = { key: keys[column]!, direction };
    choose();
  });
  text.addEventListener('input', choose);
  verdict.addEventListener('change', choose);
  more.addEventListener('click', showMore);
  filter.addEventListener('submit', (event) => event.preventDefault());
  filter.hidden = false;
  choose();
}

/** Number of rows added at a time. More would slow the page down. */
const pageSize = 50;
