/** A line broken between its words so that it fits a width; the lines after the first are indented. A word that is longer stays whole. */
export function wrap(line: string, width: number, indent: number): string[] {
  const lines: string[] = [];
  let rest = line;
  while (rest.length > width) {
    // What stands before the indent is the name of the line, and is not parted from it.
    const fits = rest.lastIndexOf(' ', width);
    const at = fits > indent ? fits : rest.indexOf(' ', indent + 1);
    if (at < 0) break;
    lines.push(rest.slice(0, at));
    rest = ' '.repeat(indent) + rest.slice(at + 1);
  }
  return [...lines, rest];
}
