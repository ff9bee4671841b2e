import type { Fetcher } from '../../../src/fetcher/fetcher.ts';
import type { FetcherLoad, WaitReason } from '../../../src/scheduling/load.ts';
import type { HostFigures } from '../../../src/stats/host-stats.ts';
import { columnsOf } from '../../process/columns-of.ts';
import { slowHosts } from '../../../src/stats/slow-hosts.ts';
import { Block } from '../../../src/outputs/terminal/block.ts';
import { timeLeft } from '../../../src/outputs/terminal/time-left.ts';
import { Throughput } from '../../../src/outputs/terminal/throughput.ts';
import {
  progressLine,
  progressLines,
  type Progress,
  type RunningFor,
} from '../../../src/outputs/terminal/progress-lines.ts';
import type { Stats } from '../../../src/stats/stats.ts';
import type { Halt } from '../stop/halt.ts';
import type { Intake } from '../intake.ts';
import { bottleneckWords, type LimitsGiven } from './bottleneck-words.ts';
import type { ProgressKind } from './progress-kind.ts';
import { say, sayAbove } from '../../rows/say.ts';

/** The parts of a run that progress is read from, at intervals. */
export interface Watched {
  readonly stats: Stats;
  readonly fetcher: Pick<Fetcher, 'load'>;
  readonly intake: Pick<Intake, 'total'>;
  readonly halt: Halt;
  /** Returns the number of URLs that earlier runs recorded. */
  readonly before: () => number;
  /** Returns what is known of the workers of a run with a queue. */
  readonly workers?: () => Progress['workers'];
  /** The limits of the run, to name the one that requests wait for. */
  readonly limits?: LimitsGiven;
}

/** A progress display. */
export interface Display {
  /** Turns a text for the terminal into one that is written above the display. */
  above(text: string): string;
  /** Removes the display. */
  end(): void;
}

/** Shows the progress of a run from half a second on, until `end()` is called or the process exits. */
export function showProgress(kind: ProgressKind, watched: Watched): Display {
  if (kind === 'none') return { above: (text) => text, end: () => {} };
  const observer = new Observer(watched);
  return kind === 'plain' ? plainDisplay(observer) : blockDisplay(observer, kind === 'block' ? Infinity : 1);
}

function plainDisplay(observer: Observer): Display {
  // Sample more often than we print, so that the current rate covers the last few seconds only.
  const sampling = setInterval(() => observer.look(), sampleMs);
  const printing = setInterval(() => say(progressLine(observer.look())), printMs);
  for (const timer of [sampling, printing]) timer.unref();
  return {
    above: (text) => text,
    end() {
      clearInterval(sampling);
      clearInterval(printing);
    },
  };
}

function blockDisplay(observer: Observer, maxLines: number): Display {
  const { stderr } = process;
  const block = new Block((text) => stderr.write(text));
  const unsay = sayAbove((text) => block.above(text));
  // Leave the last column free (some terminals wrap there) and one line (or the first would scroll away).
  const lines = (): string[] =>
    progressLines(observer.look(), Math.max(1, columnsOf(stderr)! - 1)).slice(
      0,
      Math.min(maxLines, (stderr.rows || 24) - 1),
    );
  const resized = (): void => block.refresh(lines());
  // Ctrl-Z: clear the block, because the shell writes where our cursor is. It is redrawn after SIGCONT.
  const suspended = (): void => {
    block.clear();
    process.kill(process.pid, 'SIGSTOP');
  };
  const timer = setInterval(() => {
    if (observer.elapsedMs >= firstShownMs) block.show(lines());
  }, sampleMs);
  timer.unref();

  function end(): void {
    clearInterval(timer);
    stderr.off('resize', resized);
    process.off('SIGTSTP', suspended);
    process.off('exit', end);
    unsay();
    block.clear();
  }

  stderr.on('resize', resized);
  // Windows does not have this signal.
  if (process.platform !== 'win32') process.on('SIGTSTP', suspended);
  process.on('exit', end);
  return { above: (text) => block.above(text), end };
}

const sampleMs = 200;
/** Milliseconds before the display appears: shorter runs need none. */
const firstShownMs = 500;
const printMs = 10_000;

/** Reads the state of a run, and keeps what it needs to compute rates. */
class Observer {
  readonly #watched: Watched;
  readonly #startedAt = performance.now();
  readonly #throughput = new Throughput(longMs);
  #slowest: readonly HostFigures[] = [];
  #slowestAt = -Infinity;
  #count = 0;
  /** Milliseconds at which the last record was noticed. */
  #countedAt = this.#startedAt;

  constructor(watched: Watched) {
    this.#watched = watched;
    this.#throughput.mark(this.#startedAt, 0);
  }

  get elapsedMs(): number {
    return performance.now() - this.#startedAt;
  }

  look(): Progress {
    const now = performance.now();
    const { stats, fetcher, intake, halt } = this.#watched;
    this.#throughput.mark(now, stats.count);
    if (stats.count !== this.#count) this.#countedAt = now;
    this.#count = stats.count;
    const load = fetcher.load();
    const before = this.#watched.before();
    const { total } = intake;
    const elapsedMs = now - this.#startedAt;
    return {
      done: stats.count,
      before,
      total,
      elapsedMs,
      perSecond: { now: this.#throughput.perSecond(shortMs), overall: (stats.count * 1000) / Math.max(1, elapsedMs) },
      leftMs: total && this.#leftMs(total.count - before - stats.count, load, now),
      isEnding: halt.cause !== undefined,
      ...loadFigures(load, now),
      waitingFor: mainWait(load, this.#watched.limits),
      retries: stats.retries,
      codes: stats.codes,
      unexpected: stats.unexpected,
      workers: this.#watched.workers?.(),
      slowest: this.#slowestHosts(now),
      oldest: oldest(load, now),
    };
  }

  #leftMs(left: number, { paused, held, waitingFor, backingOff }: FetcherLoad, now: number): number | undefined {
    const isWaiting = waitingFor.pause + waitingFor.hold + backingOff > 0;
    const ends = [...paused.map(({ until }) => until), ...held.filter(isHeld).map(({ askAt }) => askAt)];
    const pausedMs = isWaiting ? Math.max(0, ...ends.map((end) => end - now)) : 0;
    const perSecond = this.#throughput.perSecond(longMs);
    return timeLeft({ left, perSecond, sinceLastMs: now - this.#countedAt, pausedMs });
  }

  /** Refreshed at intervals only, since it goes through all hosts. */
  #slowestHosts(now: number): readonly HostFigures[] {
    if (now - this.#slowestAt >= slowestRefreshMs) {
      this.#slowestAt = now;
      this.#slowest = slowHosts(this.#watched.stats, maxSlowHosts);
    }
    return this.#slowest;
  }
}

function loadFigures(
  { inFlight, concurrency, waiting, backingOff, paused, held, paced, atOnce, networkAskAt }: FetcherLoad,
  now: number,
): Pick<
  Progress,
  'inFlight' | 'concurrency' | 'waiting' | 'backingOff' | 'paused' | 'slowed' | 'atOnce' | 'networkAskMs'
> {
  const pauses = paused.map(({ host, until }) => ({ host, forMs: until - now }));
  const asked = held.filter(isHeld);
  const askMs = asked.reduce((first, { askAt }) => Math.min(first, askAt - now), Infinity);
  return {
    inFlight,
    concurrency,
    waiting,
    backingOff,
    paused: pauses,
    slowed: { paced: paced.length, held: asked.length, askMs, down: held.length - asked.length },
    atOnce: atOnce.flatMap(({ host, limit }) => (host === null ? [] : { host, limit })),
    networkAskMs: networkAskAt && networkAskAt - now,
  };
}

/** Names the limit that most of the waiting requests wait for. */
function mainWait({ waitingFor }: FetcherLoad, limits: LimitsGiven | undefined): string | undefined {
  const waits = Object.entries(waitingFor) as [WaitReason, number][];
  const all = waits.reduce((sum, [, count]) => sum + count, 0);
  const main = waits.find(([, count]) => count > all / 2);
  return main && limits && bottleneckWords(main[0], limits);
}

function isHeld({ isDown }: { readonly isDown: boolean }): boolean {
  return !isDown;
}

/** Requests that have been running for longer than is usual, for a line each. */
function oldest({ oldest: running }: FetcherLoad, now: number): RunningFor[] {
  return running
    .map(({ startedAt, ...request }) => ({ ...request, forMs: now - startedAt }))
    .filter(({ forMs }) => forMs >= minNamedMs)
    .slice(0, maxNamed);
}

/** Milliseconds from which a request is named. */
const minNamedMs = 2000;
const maxNamed = 3;

/** Milliseconds of the rate shown as "now". */
const shortMs = 3000;
/** Milliseconds of the rate that the time left is estimated by: long, or the estimate would jump. */
const longMs = 30_000;
const slowestRefreshMs = 1000;
const maxSlowHosts = 3;
