import { formatDuration } from '../text/quantity.ts';
import { serverOfEarlierRun, type RunState } from './broker.ts';

/** What was there before a run begins. */
export interface Past {
  /** The run that the broker knows. */
  readonly earlier: RunState | undefined;
  /** It is the one that begins. */
  readonly isSame: boolean;
  /** It is another one, on the same server, and no worker has a chunk of it. */
  readonly isDrained: boolean;
  /** Milliseconds since the output was last written; Infinity if there was none. */
  readonly sinceMs: number;
}

/** How long a run that begins hands out nothing. */
export interface FirstHold {
  readonly ms: number;
  /** What workers see in place of the server meanwhile, so that they take nothing; undefined where none is at work. */
  readonly heldServer: string | undefined;
  /** What is to be said of it, if anything. */
  readonly notice: string | undefined;
}

/**
 * Decides how long a run that begins hands out nothing. Workers of another run may still be at work on its hosts, or those
 * of this run on a server that is gone. On the same server, a worker at work has a chunk there.
 */
export function holdOf({ earlier, isSame, isDrained, sinceMs }: Past, run: RunState, intervalMs: number): FirstHold {
  const leaseMs = Math.max(run.leaseMs, earlier?.leaseMs ?? 0);
  // A host may have been asked just before the end of the earlier run.
  const spacingMs = sinceMs < intervalMs ? intervalMs : isDrained ? Math.min(intervalMs, leaseMs) : 0;
  if (earlier === undefined || earlier.state === 'ended' || isDrained || (isSame && earlier.server === run.server)) {
    const notice =
      spacingMs < saidMs ? undefined : `${wait(spacingMs)}: an earlier run may have just asked these hosts`;
    return { ms: spacingMs, heldServer: undefined, notice };
  }
  const ms = Math.max(leaseMs, spacingMs);
  if (isSame) {
    const heldServer = earlier.server === serverOfEarlierRun ? serverOfEarlierRun : '';
    return { ms, heldServer, notice: `${wait(ms)}: the queue was restarted, replaced or emptied` };
  }
  const notice = `${wait(ms)}: workers may still be at work for an earlier run that has not ended`;
  return { ms, heldServer: serverOfEarlierRun, notice };
}

function wait(ms: number): string {
  return `no work is handed out for ${formatDuration(ms)}`;
}

/** Shorter holds are not worth a word. */
const saidMs = 1000;
