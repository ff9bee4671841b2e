/**
 * Breaks a line between words so that it fits a width. Words longer than the width stay whole.
 *
 * @param width in UTF-16 units
 * @param indent number of blanks before every line but the first; the first line is not broken within its first
 * `indent` characters either
 */
export function wrap(line: string, width: number, indent = 0): string[] {
  const lines: string[] = [];
  let rest = line;
  while (rest.length > width) {
    const fits = rest.lastIndexOf(' ', width);
    const at = fits > indent ? fits : rest.indexOf(' ', indent + 1);
    if (at < 0) break;
    lines.push(rest.slice(0, at));
    rest = ' '.repeat(indent) + rest.slice(at + 1);
  }
  return [...lines, rest];
}
