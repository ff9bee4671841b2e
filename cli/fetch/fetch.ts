import { version } from '../../src/version.ts';
import { exitCodes } from '../exit-code.ts';
import { readFlags } from '../flags/flags.ts';
import { printHelp } from '../flags/print-help.ts';
import { fetchFlags } from './fetch-flags.ts';
import { foreignFlags } from './foreign-flags.ts';

/** Runs `fetchmany [URL...] [options]` and returns the exit code. */
export async function fetchCommand(argv: readonly string[]): Promise<number> {
  const flags = readFlags(argv, fetchFlags, 'fetchmany', foreignFlags);
  if (flags.has('help')) {
    await printHelp((await import('./fetch-help.ts')).fetchHelp);
    return exitCodes.ok;
  }
  if (flags.has('version')) {
    process.stdout.write(`${version}\n`);
    return exitCodes.ok;
  }
  // Loaded only when used, so that help and error messages come at once.
  const plan = (await import('./fetch-plan.ts')).readPlan(flags);
  const { queue } = plan;
  if (queue !== undefined) return (await import('./queue/run-queued.ts')).runQueued(plan, queue, argv);
  return (await import('./run.ts')).runFetch(plan, argv);
}
