/** Names the columns by the first row: an empty name becomes `column3`, a second `url` becomes `url_2`. */
export function columnNames(row: readonly string[], notice: (message: string) => void): readonly string[] {
  const counts = new Map<string, number>();
  return row.map((cell, at) => {
    const wanted = cell.trim() === '' ? `column${at + 1}` : cell;
    const name = freeName(wanted, counts);
    if (name !== wanted) notice(`the column '${wanted}' occurs more than once; column ${at + 1} is called '${name}'`);
    return name;
  });
}

/** Names for the columns of a table without a header: `column1`, `column2`, ... */
export function numberedColumns(count: number): readonly string[] {
  return Array.from({ length: count }, (_, at) => `column${at + 1}`);
}

/** @param counts how often each name has been used */
function freeName(wanted: string, counts: Map<string, number>): string {
  let count = (counts.get(wanted) ?? 0) + 1;
  let name = count === 1 ? wanted : `${wanted}_${count}`;
  while (count > 1 && counts.has(name)) {
    count += 1;
    name = `${wanted}_${count}`;
  }
  counts.set(wanted, count);
  if (name !== wanted) counts.set(name, 1);
  return name;
}
