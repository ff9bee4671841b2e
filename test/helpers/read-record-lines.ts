/** Parses JSON Lines, in the order of their `index`. */
export function readRecordLines(text: string): Readonly<Record<string, unknown>>[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
    .sort((a, b) => Number(a['index']) - Number(b['index']));
}
