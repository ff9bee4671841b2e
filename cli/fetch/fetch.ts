import { version } from '../../src/version.ts';
import { exitCodes } from '../exit-code.ts';
import { readPlan } from './fetch-plan.ts';

/** `fetchmany [URL...] [options]`: fetches all, and gives the exit code. */
export async function fetchCommand(argv: readonly string[]): Promise<number> {
  const plan = readPlan(argv);
  if (plan === 'help' || plan === 'version') {
    process.stdout.write(plan === 'help' ? (await import('./fetch-help.ts')).fetchHelp() : `${version}\n`);
    return exitCodes.ok;
  }
  // Only now: whoever wants help, or mistyped, need not wait for all that fetching takes.
  return (await import('./run.ts')).runFetch(plan, argv);
}
