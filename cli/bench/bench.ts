import { exitCodes } from '../exit-code.ts';
import { readBenchPlan } from './bench-plan.ts';

/** `fetchmany bench`: the same requests one by one and many at once, and what that says of how many to choose. */
export async function benchCommand(argv: readonly string[]): Promise<number> {
  const plan = readBenchPlan(argv);
  if (plan === 'help') {
    process.stdout.write((await import('./bench-help.ts')).benchHelp());
    return exitCodes.ok;
  }
  // Only now: whoever wants help, or mistyped, need not wait for all that fetching takes.
  return (await import('./run.ts')).runBench(plan);
}
