import { isatty } from 'node:tty';
import type { BottleneckShare } from '../../../src/scheduling/bottleneck.ts';
import { whereRowsGo, type RowsTarget } from '../../rows/rows-target.ts';
import type { FetchPlan } from '../fetch-plan.ts';
import { BottleneckSampler, type Moment } from './bottleneck-sampler.ts';
import type { LimitsGiven } from './bottleneck-words.ts';
import { NetworkNotice } from './network-notice.ts';
import { progressKind, type ProgressKind } from './progress-kind.ts';
import type { Intake } from '../intake.ts';
import { showProgress, type Watched as Shown } from './progress.ts';

/** The progress display and the bottleneck sampler of a run. */
export interface Watch {
  /** Turns a text for the terminal into one that leaves the progress display intact. */
  above(text: string): string;
  /** Returns what limited the run so far, largest share first. */
  bottlenecks(): BottleneckShare[];
  /** Removes the display and stops sampling. */
  end(): void;
}

/** The parts of a run that its display and its sampler read. */
interface Watched extends Shown {
  readonly intake: Intake;
}

/** Shows the progress of a run and samples its bottleneck, from now on. */
export function watchRun(plan: FetchPlan, limits: LimitsGiven, watched: Watched): Watch {
  const rows = whereRowsGo(plan.output);
  const display = showProgress(kindOfProgress(plan, watched, rows), { ...watched, limits });
  const notice = plan.isQuiet ? undefined : new NetworkNotice();
  const sampler = new BottleneckSampler(() => look(plan, limits, watched, notice));
  return {
    above: (text) => (rows === 'terminal' ? display.above(text) : text),
    bottlenecks: () => sampler.shares,
    end() {
      display.end();
      sampler.close();
    },
  };
}

/** Decides how the progress of a run is shown. */
export function kindOfProgress(
  { progress, isQuiet }: FetchPlan,
  { intake }: { readonly intake: Pick<Intake, 'readsStdin'> },
  rows: RowsTarget,
): ProgressKind {
  return progressKind({
    asked: progress,
    isQuiet,
    isTerminal: isatty(2),
    env: process.env,
    isTyped: intake.readsStdin && isatty(0),
    rows,
  });
}

/** Undefined after a halt: the run is limited by that alone. */
function look(
  { mode }: FetchPlan,
  { concurrency }: LimitsGiven,
  watched: Watched,
  notice: NetworkNotice | undefined,
): Moment | undefined {
  const { fetcher, intake, halt } = watched;
  if (halt.cause !== undefined) return undefined;
  const list = intake.isAtEnd ? 'ended' : intake.isAwaited ? 'awaited' : 'waiting';
  const load = fetcher.load();
  notice?.look(load);
  return { load, concurrency, isSequence: mode === 'sequential', list };
}
