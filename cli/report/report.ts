import { exitCodes } from '../exit-code.ts';
import { readReportPlan } from './report-plan.ts';

/** `fetchmany report RESULTS.jsonl ...`: what recorded runs came to. */
export async function reportCommand(argv: readonly string[]): Promise<number> {
  const plan = readReportPlan(argv);
  if (plan === 'help') {
    process.stdout.write((await import('./report-help.ts')).reportHelp());
    return exitCodes.ok;
  }
  // Only now: whoever wants help, or mistyped, need not wait for all that reading takes.
  return (await import('./run.ts')).runReport(plan);
}
