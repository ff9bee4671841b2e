import { describe, expect, test } from 'vitest';
import { benchFlags } from '../../cli/bench/bench-flags.ts';
import { commands } from '../../cli/commands.ts';
import { completionFlags } from '../../cli/completion/completion-flags.ts';
import { demoFlags } from '../../cli/demo/demo-flags.ts';
import { diffFlags } from '../../cli/diff/diff-flags.ts';
import { diffHelp } from '../../cli/diff/diff-help.ts';
import { fetchFlags } from '../../cli/fetch/fetch-flags.ts';
import type { DescribedFlags } from '../../cli/flags/flag-table.ts';
import { benchHelp } from '../../cli/bench/bench-help.ts';
import { completionHelp } from '../../cli/completion/completion-help.ts';
import { demoHelp } from '../../cli/demo/demo-help.ts';
import { fetchHelp } from '../../cli/fetch/fetch-help.ts';
import { reportHelp } from '../../cli/report/report-help.ts';
import { renderHelp } from '../../cli/flags/render-help.ts';
import { serveHelp } from '../../cli/serve/serve-help.ts';
import { reportFlags } from '../../cli/report/report-flags.ts';
import { serveFlags } from '../../cli/serve/serve-flags.ts';
import { statusFlags } from '../../cli/status/status-flags.ts';
import { statusHelp } from '../../cli/status/status-help.ts';
import { workerFlags } from '../../cli/worker/worker-flags.ts';
import { workerHelp } from '../../cli/worker/worker-help.ts';

const helps: readonly (readonly [name: string, help: string, flags: DescribedFlags])[] = [
  ['fetch', renderHelp(fetchHelp), fetchFlags],
  ['report', renderHelp(reportHelp), reportFlags],
  ['diff', renderHelp(diffHelp), diffFlags],
  ['bench', renderHelp(benchHelp), benchFlags],
  ['serve', renderHelp(serveHelp), serveFlags],
  ['demo', renderHelp(demoHelp), demoFlags],
  ['completion', renderHelp(completionHelp), completionFlags],
  ['worker', renderHelp(workerHelp), workerFlags],
  ['status', renderHelp(statusHelp), statusFlags],
];

describe.each(helps)('the help of %s', (name, help, flags) => {
  test('lists every flag once, with its letter and description', () => {
    for (const [flagName, { short, what }] of Object.entries(flags)) {
      const spelled = `${short === undefined ? '' : `-${short}, `}--${flagName}`;
      const rows = help.split('\n').filter((line) => new RegExp(`^ {2,6}${spelled}( |\\[|$)`).test(line));
      expect(rows, spelled).toHaveLength(1);
      expect(help.replaceAll(/\s+/g, ' ')).toContain(what);
    }
  });

  test('names no flag that does not exist', () => {
    const known = new Set([
      ...Object.keys(flags),
      ...(name === 'fetch' ? ['only', 'help'] : []),
      ...(name === 'diff' ? ['save', 'hash', 'include-body'] : []),
    ]);
    for (const [, flag] of help.matchAll(/--([a-z][\w-]*)/g)) expect([...known]).toContain(flag);
  });

  test('fits into 80 columns, except for the commands to install completion', () => {
    const [text] = help.split(/^To install$/m, 1);
    for (const line of text!.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
    expect(help).toMatch(/[^\n]\n$/);
  });
});

test.each([workerHelp, statusHelp])('the help of a command with a queue has its exit status and its client', (help) => {
  const text = renderHelp(help).replaceAll(/\s+/g, ' ');
  expect(text).toContain('Exit status 0 ');
  expect(text).toContain('npm install ioredis');
});

test('the help shows the defaults', () => {
  const help = renderHelp(fetchHelp).replaceAll(/\s+/g, ' ');
  for (const shown of [
    '--concurrency N maximum concurrent requests; auto, or auto:MAX, finds a good number (default 50)',
    '--timeout TIME per attempt, including redirects; time spent queued does not count; none with --save (default 30s)',
    '--deadline TIME for the whole run Failures',
    '--http2 use HTTP/2 where the server supports it --block',
  ]) {
    expect(help).toContain(shown);
  }
});

test('the help of fetch lists all other commands', () => {
  for (const name of Object.keys(commands).filter((command) => !/fetch|help/.test(command))) {
    expect(renderHelp(fetchHelp)).toMatch(new RegExp(`^  ${name} +\\w`, 'm'));
  }
});
