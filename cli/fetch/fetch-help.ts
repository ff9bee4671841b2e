import { commands } from '../commands.ts';
import { exitCodes } from '../exit-code.ts';
import { renderHelp } from '../flags/render-help.ts';
import { fetchFlags } from './fetch-flags.ts';

/** What `fetchmany --help` prints. */
export function fetchHelp(): string {
  return renderHelp({
    usage: ['fetchmany [URL...] [options]', `fetchmany ${otherCommands.join(' | ')} [--help]`],
    intro:
      'Fetches many URLs at once, and prints one honest record for each. Without a URL and without -i, what comes down the pipe is read.',
    flags: fetchFlags,
    notes: [
      ['Commands', ...commandLines()],
      [
        'Exit status',
        `${exitCodes.ok} all ok   ${exitCodes.notOk} some not ok   ${exitCodes.usage} usage   ${exitCodes.input} input   ${exitCodes.output} output   ${exitCodes.internal} internal error`,
        `${exitCodes.stopped} deadline or budget   129, 130, 143 interrupted`,
      ],
      [
        'Examples',
        'fetchmany https://example.com/ https://example.org/',
        'fetchmany -i urls.txt -c 100 --per-host 4 -o results.jsonl',
        'fetchmany -i urls.txt -o results.jsonl --resume',
        "cat urls.txt | fetchmany -j | jq -r 'select(.ok | not) | .url'",
        'fetchmany -i urls.txt --mode sequential --delay 500ms',
        'fetchmany report results.jsonl --only not-ok',
      ],
    ],
  });
}

function commandLines(): string[] {
  const width = Math.max(...otherCommands.map(({ length }) => length));
  return otherCommands.map((name) => `${name.padEnd(width)}  ${commands[name]}`);
}

const otherCommands = ['report', 'bench', 'demo', 'serve', 'completion'] as const;
