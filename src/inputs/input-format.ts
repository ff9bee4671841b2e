/** Every format of a list, in the order of the documentation. */
export const inputFormats = ['lines', 'csv', 'tsv', 'jsonl', 'json', 'sitemap', 'har', 'curl'] as const;

/** Format of a list. */
export type InputFormat = (typeof inputFormats)[number];

/** Finds the format by the extension of a name, ignoring `.gz`; `undefined` for any other name. */
export function formatOfName(name: string): InputFormat | undefined {
  const extension = /\.([a-z0-9]+)(?:\.gz)?$/i.exec(name)?.[1]?.toLowerCase() ?? '';
  return extensions.get(extension);
}

/**
 * Finds the format by the first characters of a list: a JSON object, a JSON array, a tag or `curl`; anything else is one
 * URL per line. Never a table: URLs contain commas too.
 */
export function formatOfFront(front: string): InputFormat {
  const text = front.trimStart();
  if (/^\{\s*"log"\s*:\s*\{/.test(text)) return 'har';
  // An object that spans several lines is not JSON Lines.
  if (text.startsWith('{')) return /^\{[ \t]*\r?\n/.test(text) ? 'json' : 'jsonl';
  // An IPv6 address begins with a bracket too: [::1].
  if (/^\[\s*(?:[[{"\]]|$)/.test(text)) return 'json';
  if (/^<[?!a-z]/i.test(text)) return 'sitemap';
  if (/^curl(?:\.exe)?[ \t]/i.test(text)) return 'curl';
  return 'lines';
}

/**
 * Tells whether a list that is taken for lines begins like a table: with names and delimiters between them, or with a URL
 * that is not in the first cell.
 */
export function looksLikeTable(front: string): boolean {
  const first = /^\s*([^\r\n]*)/.exec(front)?.[1] ?? '';
  const cells = first.split(/[,;\t|]/).map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));
  if (cells.length < 2 || first.startsWith('#')) return false;
  const isNames = cells.every((cell) => cell === '' || /^[\p{L}_][\p{L}\p{M}\p{N}_ -]*$/u.test(cell));
  return isNames || (!isWebUrl(cells[0]!) && cells.some(isWebUrl));
}

function isWebUrl(cell: string): boolean {
  return /^https?:\/\//i.test(cell);
}

const extensions: ReadonlyMap<string, InputFormat> = new Map([
  ['csv', 'csv'],
  ['tsv', 'tsv'],
  ['tab', 'tsv'],
  ['jsonl', 'jsonl'],
  ['ndjson', 'jsonl'],
  ['json', 'json'],
  ['har', 'har'],
  ['xml', 'sitemap'],
  ['curl', 'curl'],
  ['sh', 'curl'],
]);
