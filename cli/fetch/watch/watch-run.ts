import { isatty } from 'node:tty';
import type { BottleneckShare } from '../../../src/scheduling/bottleneck.ts';
import type { LimitsGiven } from './bottleneck-words.ts';
import type { FetchPlan } from '../fetch-plan.ts';
import { showProgress, type Watched } from './progress.ts';
import { progressKind, type ProgressKind } from './progress-kind.ts';
import { whereRowsGo, type RowsTarget } from '../../rows/rows-target.ts';
import { sampleBottleneck, type Moment } from './sample-bottleneck.ts';

/** What looks at a run while it goes on. */
export interface Watch {
  /** What to write to the terminal in the place of some text that is to stand above what is shown there. */
  above(text: string): string;
  /** Ends it, and says what held the run up. More than once is as good as once. */
  end(): BottleneckShare[];
}

/** Shows how far a run is, and finds out what holds it up, from now on. */
export function watchRun(plan: FetchPlan, limits: LimitsGiven, watched: Watched): Watch {
  const rows = whereRowsGo(plan.output);
  const display = showProgress(kindOfProgress(plan, watched, rows), watched);
  const boundsSoFar = sampleBottleneck(() => look(plan, limits, watched));
  return {
    above: (text) => (rows === 'terminal' ? display.above(text) : text),
    end() {
      display.end();
      return boundsSoFar();
    },
  };
}

function kindOfProgress({ progress, isQuiet }: FetchPlan, { intake }: Watched, rows: RowsTarget): ProgressKind {
  return progressKind({
    asked: progress,
    isQuiet,
    isTerminal: isatty(2),
    env: process.env,
    isTyped: intake.readsStdin && isatty(0),
    rows,
  });
}

/** Once it is to end, nothing holds a run up but that. */
function look({ mode }: FetchPlan, { concurrency }: LimitsGiven, watched: Watched): Moment | undefined {
  const { fetcher, intake, halt } = watched;
  if (halt.cause !== undefined) return undefined;
  const list = intake.isAtEnd ? 'ended' : intake.isAwaited ? 'awaited' : 'waiting';
  return { load: fetcher.load(), concurrency, isSequence: mode === 'sequential', list };
}
