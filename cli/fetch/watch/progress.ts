import type { Fetcher } from '../../../src/fetcher/fetcher.ts';
import type { FetcherLoad } from '../../../src/scheduling/load.ts';
import type { HostFigures } from '../../../src/stats/host-stats.ts';
import { slowHosts } from '../../../src/stats/slow-hosts.ts';
import { Block } from '../../../src/outputs/terminal/block.ts';
import { Throughput } from '../../../src/outputs/terminal/throughput.ts';
import { progressLine, progressLines, type Progress } from '../../../src/outputs/terminal/progress-lines.ts';
import type { Stats } from '../../../src/stats/stats.ts';
import type { Halt } from '../stop/halt.ts';
import type { Intake } from '../intake.ts';
import type { ProgressKind } from './progress-kind.ts';
import { say, sayAbove } from '../../rows/say.ts';

/** What progress is told of. It is looked at now and then; nothing has to be told to it. */
export interface Watched {
  readonly stats: Stats;
  readonly fetcher: Fetcher;
  readonly intake: Intake;
  readonly halt: Halt;
  /** How many had their record before. */
  readonly before: () => number;
}

/** Progress that is being shown. */
export interface Display {
  /** What to write to the terminal in the place of some text that is to stand above. */
  above(text: string): string;
  /** Takes it away, for good. */
  end(): void;
}

/** Shows how far a run is, from half a second on, until it is told that it has ended, or the process ends. */
export function showProgress(kind: ProgressKind, watched: Watched): Display {
  if (kind === 'none') return { above: (text) => text, end: () => {} };
  const observer = new Observer(watched);
  return kind === 'plain' ? plainDisplay(observer) : blockDisplay(observer, kind === 'block' ? Infinity : 1);
}

function plainDisplay(observer: Observer): Display {
  // Looked at more often than told, or there would be no rate of late.
  const looking = setInterval(() => observer.look(), lookMs);
  const telling = setInterval(() => say(progressLine(observer.look())), tellMs);
  for (const timer of [looking, telling]) timer.unref();
  return {
    above: (text) => text,
    end() {
      clearInterval(looking);
      clearInterval(telling);
    },
  };
}

function blockDisplay(observer: Observer, mostLines: number): Display {
  const { stderr } = process;
  const block = new Block((text) => stderr.write(text));
  const unsay = sayAbove((text) => block.above(text));
  // One column stays free: the last one wraps on some terminals. And one line, or the first would scroll away.
  const lines = (): string[] =>
    progressLines(observer.look(), Math.max(1, (stderr.columns || 80) - 1)).slice(
      0,
      Math.min(mostLines, (stderr.rows || 24) - 1),
    );
  const resized = (): void => block.refresh(lines());
  // Ctrl-Z: the shell goes on writing where we stop. Once we go on, the next look shows it again.
  const suspended = (): void => {
    block.clear();
    process.kill(process.pid, 'SIGSTOP');
  };
  const timer = setInterval(() => {
    if (observer.elapsedMs >= firstMs) block.show(lines());
  }, lookMs);
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
  // Windows has no such signal.
  if (process.platform !== 'win32') process.on('SIGTSTP', suspended);
  process.on('exit', end);
  return { above: (text) => block.above(text), end };
}

const lookMs = 200;
/** Until then a run may be over, and nobody has begun to wonder. */
const firstMs = 500;
const tellMs = 10_000;

/** Looks at a run, and remembers what it needs to tell how fast it is. */
class Observer {
  readonly #watched: Watched;
  readonly #startedAt = performance.now();
  readonly #pace = new Throughput(longMs);
  #slowest: readonly HostFigures[] = [];
  #slowestAt = -Infinity;

  constructor(watched: Watched) {
    this.#watched = watched;
    this.#pace.mark(this.#startedAt, 0);
  }

  get elapsedMs(): number {
    return performance.now() - this.#startedAt;
  }

  look(): Progress {
    const now = performance.now();
    const { stats, fetcher, intake, halt } = this.#watched;
    this.#pace.mark(now, stats.count);
    const load = fetcher.load();
    const before = this.#watched.before();
    const { total } = intake;
    const elapsedMs = now - this.#startedAt;
    return {
      done: stats.count,
      before,
      total,
      elapsedMs,
      perSecond: { now: this.#pace.perSecond(shortMs), overall: (stats.count * 1000) / Math.max(1, elapsedMs) },
      leftMs: total && this.#leftMs(total.count - before - stats.count, load, now),
      isEnding: halt.cause !== undefined,
      ...loadFigures(load, now),
      retries: stats.retries,
      codes: stats.codes,
      unexpected: stats.unexpected,
      slowest: this.#slowestHosts(now),
    };
  }

  #leftMs(left: number, { paused, waitingFor: held, backingOff }: FetcherLoad, now: number): number | undefined {
    const perSecond = this.#pace.perSecond(longMs);
    if (perSecond === 0) return undefined;
    const byPaceMs = (Math.max(0, left) * 1000) / perSecond;
    // What waits for a paused host is done no sooner, however fast the others are.
    if (held.pause + backingOff === 0) return byPaceMs;
    return paused.reduce((longest, { until }) => Math.max(longest, until - now), byPaceMs);
  }

  /** All hosts are gone through for that, so not each time. */
  #slowestHosts(now: number): readonly HostFigures[] {
    if (now - this.#slowestAt >= slowestMs) {
      this.#slowestAt = now;
      this.#slowest = slowHosts(this.#watched.stats, maxSlowHosts);
    }
    return this.#slowest;
  }
}

function loadFigures(
  { inFlight, concurrency, waiting, backingOff, paused }: FetcherLoad,
  now: number,
): Pick<Progress, 'inFlight' | 'concurrency' | 'waiting' | 'backingOff' | 'paused'> {
  const pauses = paused.map(({ host, until }) => ({ host, forMs: until - now }));
  return { inFlight, concurrency, waiting, backingOff, paused: pauses };
}

/** What "now" means. */
const shortMs = 3000;
/** The time left is told by a longer time, or it would jump about. */
const longMs = 30_000;
const slowestMs = 1000;
const maxSlowHosts = 3;
