import { exitStatusLines } from '../exit-code.ts';
import type { Help } from '../flags/render-help.ts';
import { reportFlags } from './report-flags.ts';

/** The help of `fetchmany report`. */
export const reportHelp: Help = {
  usage: ['fetchmany report RESULTS.jsonl [MORE...] [options]'],
  intro:
    'Summarize recorded runs, convert them to another format, or render them as an HTML page. Files may be gzipped; - is standard input. If a resumed run fetched a URL again, only its last record counts.',
  flags: reportFlags,
  notes: [
    ['Exit status', '0    success, whatever the records say', ...exitStatusLines([2, 3, 4, 5])],
    [
      'Examples',
      'fetchmany report results.jsonl',
      'fetchmany report results.jsonl --only not-ok --format csv -o failed.csv',
      'fetchmany report results.jsonl --code TIMEOUT -j | jq -r .url',
    ],
  ],
};
