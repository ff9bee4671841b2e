/** The values of `--input-format`, with their descriptions. */
export const inputFormatWords = {
  lines: 'one URL per line',
  csv: 'a table; the delimiter is detected',
  tsv: 'a table with tabs',
  jsonl: 'JSON Lines: one URL or request object per line',
  json: 'one array of URLs or request objects',
  sitemap: 'a sitemap or a sitemap index',
  har: 'an HTTP archive, as browsers export it',
  curl: 'curl commands, as browsers copy them',
} as const;

/** The type of {@link inputFormatWords}. */
export type InputFormatWords = typeof inputFormatWords;
