import type { Verdict } from '../http/result.ts';
import type { Phase } from './model/phases.ts';
import type { Row } from './model/row.ts';

/** Input of the page's script. Columns instead of rows compress better and parse faster. */
export interface PageData {
  /** Start of the run in milliseconds since 1970. */
  readonly startMs: number;
  /** Duration of the run in milliseconds. */
  readonly lengthMs: number;
  readonly verdicts: readonly Verdict[];
  /** Texts that columns of {@link Bars} refer to by position. */
  readonly hosts: readonly string[];
  readonly labels: readonly string[];
  readonly methods: readonly string[];
  readonly bars: Bars;
  readonly rows: readonly Row[];
}

/** Bars of the timeline in order of their starts. Every column has one entry per bar. */
export interface Bars {
  /** Milliseconds from the start of the previous bar; for the first bar, from the start of the run. */
  readonly gapsMs: readonly number[];
  readonly elapsedMs: readonly number[];
  readonly verdicts: readonly number[];
  readonly hosts: readonly number[];
  readonly labels: readonly number[];
  readonly methods: readonly number[];
  readonly indexes: readonly number[];
  readonly attempts: readonly number[];
  readonly lengths: readonly number[];
  /** URLs without their host, or whole if they do not begin with it. */
  readonly paths: readonly string[];
  /** Milliseconds of each phase, 0 if unknown. Time in the queue is not part of a bar. */
  readonly phases: Readonly<Record<BarPhase, readonly number[]>>;
}

/** Phases that a bar shows. */
export type BarPhase = Exclude<Phase, 'queue'>;
