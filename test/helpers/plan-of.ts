import { fetchFlags } from '../../cli/fetch/fetch-flags.ts';
import { readPlan, type FetchPlan } from '../../cli/fetch/fetch-plan.ts';
import { readFlags } from '../../cli/flags/flags.ts';

/** The plan of a command line of `fetchmany fetch`. */
export function planOf(argv: readonly string[], env?: NodeJS.ProcessEnv): FetchPlan {
  return readPlan(readFlags(argv, fetchFlags), env);
}
