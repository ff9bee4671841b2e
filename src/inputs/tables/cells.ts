/** Splits one row into cells. Quotation marks at the start of a cell enclose it; `""` within them is one mark. */
export function cellsOf(row: string, delimiter: string): string[] {
  const cells: string[] = [];
  for (let at = 0; at <= row.length; at += 1) {
    if (row[at] !== '"') {
      const end = indexOrLength(row, delimiter, at);
      cells.push(row.slice(at, end));
      at = end;
      continue;
    }
    const { text, end } = quotedCell(row, at + 1, delimiter);
    cells.push(text);
    at = end;
  }
  return cells;
}

function quotedCell(row: string, start: number, delimiter: string): { readonly text: string; readonly end: number } {
  let text = '';
  let from = start;
  for (;;) {
    const close = indexOrLength(row, '"', from);
    text += row.slice(from, close);
    if (row[close + 1] !== '"') return closedCell(row, text, close + 1, delimiter);
    text += '"';
    from = close + 2;
  }
}

/** Ends a quoted cell. If more text follows, the quotation marks are part of the cell: `"x"y`. */
function closedCell(row: string, text: string, at: number, delimiter: string): { text: string; end: number } {
  const end = indexOrLength(row, delimiter, at);
  return at >= end ? { text, end } : { text: `"${text}"${row.slice(at, end)}`, end };
}

function indexOrLength(row: string, character: string, from: number): number {
  const at = row.indexOf(character, from);
  return at < 0 ? row.length : at;
}
