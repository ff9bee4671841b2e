import { benchFlags } from '../bench/bench-flags.ts';
import { commands } from '../commands.ts';
import { completionFlags } from '../completion/completion-flags.ts';
import { demoFlags } from '../demo/demo-flags.ts';
import { exitCodes } from '../exit-code.ts';
import { fetchFlags } from './fetch-flags.ts';
import { renderHelp } from '../flags/render-help.ts';
import { reportFlags } from '../report/report-flags.ts';
import { serveFlags } from '../serve/serve-flags.ts';

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

/** What `fetchmany demo --help` prints. */
export function demoHelp(): string {
  return renderHelp({
    usage: ['fetchmany demo [options]'],
    intro: 'Fetches five slow pages of a server of its own, one by one and then together. Needs no network.',
    flags: demoFlags,
  });
}

/** What `fetchmany serve --help` prints. */
export function serveHelp(): string {
  return renderHelp({
    usage: ['fetchmany serve [options]'],
    intro:
      "Runs a test server with httpbin's paths, until Ctrl-C: /delay/N /status/N /bytes/N /redirect/N /drip /gzip /headers ... Its page / lists them all.",
    flags: serveFlags,
  });
}

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

/** What `fetchmany completion --help` prints. */
export function completionHelp(): string {
  return renderHelp({
    usage: ['fetchmany completion bash | zsh | fish'],
    intro: 'Prints a script that makes a shell complete commands, options, their values and files at the Tab key.',
    flags: completionFlags,
    notes: [
      [
        'To install',
        'bash  fetchmany completion bash > ~/.local/share/bash-completion/completions/fetchmany',
        'zsh   fetchmany completion zsh > "${fpath[1]}/_fetchmany"',
        'fish  fetchmany completion fish > ~/.config/fish/completions/fetchmany.fish',
      ],
    ],
  });
}
