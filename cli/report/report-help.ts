import { exitCodes } from '../exit-code.ts';
import { renderHelp } from '../flags/render-help.ts';
import { reportFlags } from './report-flags.ts';

/** What `fetchmany report --help` prints. */
export function reportHelp(): string {
  return renderHelp({
    usage: ['fetchmany report RESULTS.jsonl [MORE...] [options]'],
    intro:
      'Says what recorded runs came to: their summary again, or their rows in another format. A file may be gzip; - is standard input. Of a URL that a resumed run took up again the last record counts.',
    flags: reportFlags,
    notes: [
      [
        'Exit status',
        `${exitCodes.ok} read and told   ${exitCodes.usage} usage   ${exitCodes.input} input   ${exitCodes.output} output   ${exitCodes.internal} internal error`,
      ],
      [
        'Examples',
        'fetchmany report results.jsonl',
        'fetchmany report results.jsonl --only not-ok --format csv -o failed.csv',
        'fetchmany report results.jsonl --code TIMEOUT -j | jq -r .url',
      ],
    ],
  });
}
