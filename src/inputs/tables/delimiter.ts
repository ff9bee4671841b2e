/** Finds the delimiter of a table: the candidate that its first row holds most often outside quotation marks. */
export function findDelimiter(front: string): string {
  const counts = candidates.map(() => 0);
  let isQuoted = false;
  for (const character of front) {
    if (character === '"') isQuoted = !isQuoted;
    if (isQuoted) continue;
    if (character === '\n' || character === '\r') break;
    const at = candidates.indexOf(character);
    if (at >= 0) counts[at]! += 1;
  }
  return candidates[counts.indexOf(Math.max(...counts))]!;
}

/** Recognizes Excel's `sep=;` line, which names the delimiter. */
export function isDelimiterLine(line: string): boolean {
  return /^sep=[\t -~]\r?$/i.test(line);
}

/** In order of preference if several occur equally often. */
const candidates: readonly string[] = [',', '\t', ';', '|'];
