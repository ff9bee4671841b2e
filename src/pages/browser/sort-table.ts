import { compare, type Direction } from './compare.ts';

/** Lets the heads of a table be pressed, marks the one it is sorted by, and calls back. */
export function onSort(table: HTMLTableElement, sort: (column: number, direction: Direction) => void): void {
  const heads = [...table.querySelectorAll('thead th')];
  for (const [column, head] of heads.entries()) {
    head.querySelector('button')?.addEventListener('click', () => {
      // Numbers are looked at from the largest down; a second press turns it round.
      const direction = head.getAttribute('aria-sort') === 'descending' ? 'ascending' : 'descending';
      for (const other of heads) other.removeAttribute('aria-sort');
      head.setAttribute('aria-sort', direction);
      sort(column, direction);
    });
  }
}

/** Makes a table sortable whose cells say their values. */
export function sortTable(table: HTMLTableElement): void {
  const body = table.tBodies[0]!;
  onSort(table, (column, direction) => {
    const sign = direction === 'ascending' ? 1 : -1;
    const valueOf = (row: HTMLTableRowElement): string => row.cells[column]?.dataset['value'] ?? '';
    body.append(...[...body.rows].sort((one, other) => sign * compare(valueOf(one), valueOf(other))));
  });
}
