import { exitCodes } from '../exit-code.ts';
import { printHelp } from '../flags/print-help.ts';
import { readDiffPlan } from './diff-plan.ts';

/** Runs `fetchmany diff OLD NEW` and returns the exit code. */
export async function diffCommand(argv: readonly string[]): Promise<number> {
  const plan = readDiffPlan(argv);
  if (plan === 'help') {
    await printHelp((await import('./diff-help.ts')).diffHelp);
    return exitCodes.ok;
  }
  // Loaded only now, so that help and error messages come at once.
  return (await import('./run.ts')).runDiff(plan);
}
