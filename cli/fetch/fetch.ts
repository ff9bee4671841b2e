import { version } from '../../src/version.ts';
import { exitCodes } from '../exit-code.ts';
import { readPlan } from './fetch-plan.ts';

/** Runs `fetchmany [URL...] [options]` and returns the exit code. */
export async function fetchCommand(argv: readonly string[]): Promise<number> {
  const plan = readPlan(argv);
  if (plan === 'help' || plan === 'version') {
    process.stdout.write(plan === 'help' ? (await import('./fetch-help.ts')).fetchHelp() : `${version}\n`);
    return exitCodes.ok;
  }
  // Loaded only now, so that help and error messages come at once.
  return (await import('./run.ts')).runFetch(plan, argv);
}
