import { version } from '../../src/version.ts';
import { exitCodes } from '../exit-code.ts';
import { printHelp } from '../flags/print-help.ts';
import { readPlan } from './fetch-plan.ts';

/** Runs `fetchmany [URL...] [options]` and returns the exit code. */
export async function fetchCommand(argv: readonly string[]): Promise<number> {
  const plan = readPlan(argv);
  if (plan === 'help' || plan === 'version') {
    if (plan === 'version') process.stdout.write(`${version}\n`);
    else await printHelp((await import('./fetch-help.ts')).fetchHelp);
    return exitCodes.ok;
  }
  const { queue } = plan;
  if (queue !== undefined) return (await import('./queue/run-queued.ts')).runQueued(plan, queue, argv);
  // Loaded only now, so that help and error messages come at once.
  return (await import('./run.ts')).runFetch(plan, argv);
}
