import { exitCodes } from '../exit-code.ts';
import { printHelp } from '../flags/print-help.ts';
import { readReportPlan } from './report-plan.ts';

/** Runs `fetchmany report RESULTS.jsonl ...` and returns the exit code. */
export async function reportCommand(argv: readonly string[]): Promise<number> {
  const plan = readReportPlan(argv);
  if (plan === 'help') {
    await printHelp((await import('./report-help.ts')).reportHelp);
    return exitCodes.ok;
  }
  // Loaded only now, so that help and error messages come at once.
  return (await import('./run.ts')).runReport(plan);
}
