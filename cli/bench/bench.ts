import { exitCodes } from '../exit-code.ts';
import { printHelp } from '../flags/print-help.ts';
import { readBenchPlan } from './bench-plan.ts';

/** Runs `fetchmany bench` and returns the exit code. */
export async function benchCommand(argv: readonly string[]): Promise<number> {
  const plan = readBenchPlan(argv);
  if (plan === 'help') {
    await printHelp((await import('./bench-help.ts')).benchHelp);
    return exitCodes.ok;
  }
  // Loaded only now, so that help and error messages come at once.
  return (await import('./run.ts')).runBench(plan);
}
