import { compare, type Direction } from './compare.ts';

/** Makes the headers of a table clickable, marks the one it is sorted by, and calls `sort`. */
export function onSort(table: HTMLTableElement, sort: (column: number, direction: Direction) => void): void {
  const headers = [...table.querySelectorAll('thead th')];
  for (const [column, header] of headers.entries()) {
    header.querySelector('button')?.addEventListener('click', () => {
      // The first click sorts from the largest down, the second one reverses the order.
      const direction = header.getAttribute('aria-sort') === 'descending' ? 'ascending' : 'descending';
      for (const other of headers) other.removeAttribute('aria-sort');
      header.setAttribute('aria-sort', direction);
      sort(column, direction);
    });
  }
}

/** Makes a table sortable by the `data-value` of its cells. */
export function sortTable(table: HTMLTableElement): void {
  const body = table.tBodies[0]!;
  onSort(table, (column, direction) => {
    const sign = direction === 'ascending' ? 1 : -1;
    const valueOf = (row: HTMLTableRowElement): string => row.cells[column]?.dataset['value'] ?? '';
    body.append(...[...body.rows].sort((one, other) => sign * compare(valueOf(one), valueOf(other))));
  });
}
