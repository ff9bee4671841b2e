import { benchFlags } from '../bench/bench-flags.ts';
import { commands, type CommandName } from '../commands.ts';
import { completionFlags } from './completion-flags.ts';
import { demoFlags } from '../demo/demo-flags.ts';
import { diffFlags } from '../diff/diff-flags.ts';
import { fetchFlags } from '../fetch/fetch-flags.ts';
import type { DescribedFlags } from '../flags/flag-table.ts';
import { reportFlags } from '../report/report-flags.ts';
import { serveFlags } from '../serve/serve-flags.ts';
import { statusFlags } from '../status/status-flags.ts';
import { workerFlags } from '../worker/worker-flags.ts';

/** A command, as shell completion sees it. */
export interface Completed {
  readonly name: CommandName;
  readonly what: string;
  readonly flags: DescribedFlags;
  /** Its arguments: file names, or one of a few words. Undefined if they cannot be completed. */
  readonly words?: 'files' | readonly string[];
}

/**
 * Every command. The completion scripts contain all of it: a script that asked the program, as those of yargs do, would
 * start Node at every press of the Tab key.
 */
export const completed: readonly Completed[] = [
  { name: 'fetch', what: commands.fetch, flags: fetchFlags },
  { name: 'report', what: commands.report, flags: reportFlags, words: 'files' },
  { name: 'diff', what: commands.diff, flags: diffFlags, words: 'files' },
  { name: 'bench', what: commands.bench, flags: benchFlags },
  { name: 'demo', what: commands.demo, flags: demoFlags },
  { name: 'serve', what: commands.serve, flags: serveFlags },
  { name: 'worker', what: commands.worker, flags: workerFlags },
  { name: 'status', what: commands.status, flags: statusFlags },
  { name: 'completion', what: commands.completion, flags: completionFlags, words: ['bash', 'zsh', 'fish'] },
  { name: 'help', what: commands.help, flags: {}, words: Object.keys(commands).filter((name) => name !== 'help') },
];
