import { exitCodes } from '../exit-code.ts';
import { renderHelp } from '../flags/render-help.ts';
import { benchFlags } from './bench-flags.ts';

/** What `fetchmany bench --help` prints. */
export function benchHelp(): string {
  return renderHelp({
    usage: ['fetchmany bench [URL...] [options]'],
    intro:
      'Makes the same requests one by one and many at once, and says how many at once to choose. Without a URL it measures against a server of its own. A list is sent many times over: how many requests that makes is told before the first.',
    flags: benchFlags,
    notes: [
      [
        'Exit status',
        `${exitCodes.ok} all ok   ${exitCodes.notOk} some not ok   ${exitCodes.usage} usage   ${exitCodes.input} input   ${exitCodes.output} output   ${exitCodes.internal} internal error`,
        '130, 143 interrupted',
      ],
      [
        'Examples',
        'fetchmany bench',
        'fetchmany bench -i urls.txt --levels 1,16,64',
        'fetchmany bench https://example.com/ --requests 20 --levels 4 -j | jq .choice.level',
      ],
    ],
  });
}
