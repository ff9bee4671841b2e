import { sortTable } from './sort-table.ts';

const table = document.querySelector<HTMLTableElement>('#diff-table');
if (table) sortTable(table);
