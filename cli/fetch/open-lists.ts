import { isatty } from 'node:tty';
import { readInputs } from '../../src/inputs/open-lists.ts';
import type { RequestInput } from '../../src/http/request.ts';
import { Intake } from './intake.ts';
import { refuseOwnOutput } from '../rows/refuse-own-output.ts';
import type { FetchPlan } from './fetch-plan.ts';
import { say } from '../rows/say.ts';
import { UsageError } from '../flags/usage-error.ts';

/** Opens the input of a run. Throws a {@link UsageError} if there is none, an `InputError` if it cannot be read. */
export function openLists(plan: FetchPlan, isPending?: (request: RequestInput) => boolean): Intake {
  const names = listNames(plan);
  const earlier = plan.keep?.ifChanged;
  refuseOwnOutput(earlier === undefined ? names : [...names, earlier], plan.output);
  const lists = readInputs(names);
  const readsStdin = names.includes('-');
  if (readsStdin && isatty(0) && !plan.isQuiet) {
    say('reading URLs from the terminal, one per line; press Ctrl-D to end the list');
  }
  return new Intake({ urls: plan.urls, lists, readsStdin, more: plan.request, isPending });
}

/** Reads standard input if there is neither a list nor a URL. */
function listNames({ urls, inputs }: FetchPlan): readonly string[] {
  if (urls.length + inputs.length > 0) return inputs;
  if (!isatty(0)) return ['-'];
  throw new UsageError('no URLs given; pass URLs, or a list with -i urls.txt (see fetchmany --help)');
}
