import { formatCount } from '../../../text/quantity.ts';
import type { Row } from '../../model/row.ts';
import type { PageData } from '../../page-data.ts';
import { element, elementIfThere } from '../element.ts';
import { onSort } from '../sort-table.ts';
import { chooseRows, type RowChoice } from './choose-rows.ts';
import { requestRow } from './request-row.ts';

/** Fills the table of the slowest and the failed, and lets it be filtered and sorted. */
export function fillRequests({ rows, startMs }: PageData): void {
  const table = elementIfThere('request-table', HTMLTableElement);
  if (table === undefined) return;
  const body = table.tBodies[0]!;
  const filter = element('request-filter', HTMLFormElement);
  const text = element('request-text', HTMLInputElement);
  const outcome = element('request-outcome', HTMLSelectElement);
  const told = element('request-count', HTMLOutputElement);
  const more = element('request-more', HTMLButtonElement);
  const keys = Array.from(
    table.querySelectorAll<HTMLElement>('thead th'),
    ({ dataset }) => dataset['key'] as keyof Row,
  );
  let order: Pick<RowChoice, 'key' | 'direction'> = { key: 'elapsedMs', direction: 'descending' };
  let chosen: readonly Row[] = [];

  function choose(): void {
    chosen = chooseRows(rows, { text: text.value, outcome: outcome.value, ...order });
    body.replaceChildren();
    showMore();
  }

  function showMore(): void {
    const shown = body.rows.length;
    body.append(...chosen.slice(shown, shown + atOnce).map((row) => requestRow(row, startMs)));
    const left = chosen.length - body.rows.length;
    more.hidden = left === 0;
    more.textContent = `Show ${formatCount(Math.min(left, atOnce))} more`;
    told.textContent = `${formatCount(chosen.length)} of ${formatCount(rows.length)} match; ${formatCount(body.rows.length)} shown`;
  }

  onSort(table, (column, direction) => {
    order = { key: keys[column]!, direction };
    choose();
  });
  text.addEventListener('input', choose);
  outcome.addEventListener('change', choose);
  more.addEventListener('click', showMore);
  filter.addEventListener('submit', (event) => event.preventDefault());
  filter.hidden = false;
  choose();
}

/** More at once would make the page slow to draw, and nobody reads them. */
const atOnce = 50;
