import { completionFlags } from './completion-flags.ts';
import { exitCodes } from '../exit-code.ts';
import { printHelp } from '../flags/print-help.ts';
import { readFlags } from '../flags/flags.ts';
import { quoted } from '../flags/quoted.ts';
import { UsageError } from '../flags/usage-error.ts';

/** Runs `fetchmany completion SHELL`, which prints a completion script. Returns the exit code. */
export async function completionCommand(argv: readonly string[]): Promise<number> {
  const flags = readFlags(argv, completionFlags, 'fetchmany completion');
  if (flags.has('help')) {
    await printHelp((await import('./completion-help.ts')).completionHelp);
    return exitCodes.ok;
  }
  const [shell, more] = flags.words;
  if (more !== undefined)
    throw new UsageError(`completion takes one argument: got ${quoted(more)} too; see fetchmany completion --help`);
  process.stdout.write(await scriptFor(shell));
  return exitCodes.ok;
}

async function scriptFor(shell: string | undefined): Promise<string> {
  const { completed } = await import('./completed.ts');
  switch (shell) {
    case 'bash':
      return (await import('./bash.ts')).bashCompletion(completed);
    case 'zsh':
      return (await import('./zsh.ts')).zshCompletion(completed);
    case 'fish':
      return (await import('./fish.ts')).fishCompletion(completed);
    default: {
      const got = shell === undefined ? 'none' : quoted(shell);
      throw new UsageError(
        `completion needs a shell (bash, zsh or fish), such as fetchmany completion bash: got ${got}`,
      );
    }
  }
}
