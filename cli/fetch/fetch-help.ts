import { commands } from '../commands.ts';
import { exitStatusLines } from '../exit-code.ts';
import type { Help } from '../flags/render-help.ts';
import { fetchFlags } from './fetch-flags.ts';

const otherCommands = ['report', 'diff', 'bench', 'demo', 'serve', 'worker', 'status', 'completion'] as const;

/** The help of `fetchmany`. */
export const fetchHelp: Help = {
  usage: ['fetchmany [URL...] [options]', 'fetchmany COMMAND [--help]'],
  intro:
    'Fetch many URLs concurrently and write one record per URL: its status or error, size and time. Bodies are counted; --save and --include-body keep them. With no URL and no -i, URLs are read from standard input.',
  flags: fetchFlags,
  notes: [
    ['Commands', ...commandLines()],
    ['Exit status', ...exitStatusLines()],
    [
      'Examples',
      'fetchmany https://example.com/ https://example.org/',
      'fetchmany -i urls.txt -c 100 --per-host 4 -o results.jsonl',
      'fetchmany -i urls.txt -o results.jsonl --resume',
      "cat urls.txt | fetchmany -j | jq -r 'select(.ok | not) | .url'",
      'fetchmany -i urls.txt --mode sequential --delay 500ms',
      'fetchmany -i urls.txt --save pages -o pages.jsonl',
      'fetchmany -i people.csv --mode gather -o checked.csv',
      "fetchmany -i ids.csv --url-template 'https://example.com/items/{id}' -j",
      'fetchmany --sitemap https://example.com/ -X HEAD',
      'fetchmany report results.jsonl --only not-ok',
    ],
  ],
};

function commandLines(): string[] {
  const width = Math.max(...otherCommands.map(({ length }) => length));
  return otherCommands.map((name) => `${name.padEnd(width)}  ${commands[name]}`);
}
