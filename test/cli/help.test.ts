import { describe, expect, test } from 'vitest';
import { benchFlags } from '../../cli/bench/bench-flags.ts';
import { commands } from '../../cli/commands.ts';
import { completionFlags } from '../../cli/completion/completion-flags.ts';
import { demoFlags } from '../../cli/demo/demo-flags.ts';
import { fetchFlags } from '../../cli/fetch/fetch-flags.ts';
import type { DescribedFlags } from '../../cli/flags/flag-table.ts';
import { benchHelp } from '../../cli/bench/bench-help.ts';
import { completionHelp } from '../../cli/completion/completion-help.ts';
import { demoHelp } from '../../cli/demo/demo-help.ts';
import { fetchHelp } from '../../cli/fetch/fetch-help.ts';
import { reportHelp } from '../../cli/report/report-help.ts';
import { serveHelp } from '../../cli/serve/serve-help.ts';
import { reportFlags } from '../../cli/report/report-flags.ts';
import { serveFlags } from '../../cli/serve/serve-flags.ts';

const helps: readonly (readonly [name: string, help: string, flags: DescribedFlags])[] = [
  ['fetch', fetchHelp(), fetchFlags],
  ['report', reportHelp(), reportFlags],
  ['bench', benchHelp(), benchFlags],
  ['serve', serveHelp(), serveFlags],
  ['demo', demoHelp(), demoFlags],
  ['completion', completionHelp(), completionFlags],
];

describe.each(helps)('the help of %s', (name, help, flags) => {
  test('has every flag once, with its letter and what it does', () => {
    for (const [flagName, { short, what }] of Object.entries(flags)) {
      const spelled = `${short === undefined ? '' : `-${short}, `}--${flagName}`;
      const rows = help.split('\n').filter((line) => new RegExp(`^ +${spelled}( |$)`).test(line));
      expect(rows, spelled).toHaveLength(1);
      expect(help.replaceAll(/\s+/g, ' ')).toContain(what);
    }
  });

  test('names no flag that there is not', () => {
    const known = new Set([...Object.keys(flags), ...(name === 'fetch' ? ['only', 'help'] : [])]);
    for (const [, flag] of help.matchAll(/--([a-z][\w-]*)/g)) expect([...known]).toContain(flag);
  });

  test('fits a terminal of 80 columns, but for commands to be copied', () => {
    const [text] = help.split(/^(?:Examples|To install)$/m, 1);
    for (const line of text!.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
    expect(help).toMatch(/[^\n]\n$/);
  });
});

test('the help tells the defaults where there are some', () => {
  const help = fetchHelp().replaceAll(/\s+/g, ' ');
  for (const shown of [
    '--concurrency N in flight at once, over all hosts (default 50)',
    '--timeout TIME one attempt, redirects included, from its dispatch on (default 30s)',
    '--deadline TIME the whole run Failures',
    '--http2 offer HTTP/2 --block',
  ]) {
    expect(help).toContain(shown);
  }
});

test('the help of fetch names all other commands', () => {
  for (const name of Object.keys(commands).filter((command) => !/fetch|help/.test(command))) {
    expect(fetchHelp()).toMatch(new RegExp(`^  ${name} +\\w`, 'm'));
  }
});
