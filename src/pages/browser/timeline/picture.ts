import type { Tick } from '../../ticks.ts';
import type { Bars } from './bars.ts';
import type { Frame } from './frame.ts';
import type { Theme } from './theme.ts';
import type { Viewport } from './viewport.ts';

/** Content of a drawing. */
export interface Picture {
  readonly bars: Bars;
  readonly frame: Frame;
  readonly viewport: Viewport;
  readonly whole: Viewport;
  readonly ticks: readonly Tick[];
  /** Bar with a border. */
  readonly marked: number | undefined;
  /** Names of bars and hosts. */
  readonly nameOf: (bar: number) => string;
  readonly hostOf: (host: number) => string;
}

/** Means of drawing. Sizes are in CSS pixels, not device pixels. */
export interface Pen {
  readonly context: CanvasRenderingContext2D;
  readonly theme: Theme;
  readonly width: number;
  readonly height: number;
}

/** Height of the time axis above the bars, in pixels. */
export const axisHeight = 24;
/** Height of the overview below the bars, in pixels. */
export const overviewHeight = 10;

/** Cuts a text to about `room` pixels. */
export function fitted({ context }: Pen, text: string, room: number): string {
  const maxLength = Math.floor(room / (context.measureText('nnnnnnnnnn').width / 10));
  return text.length <= maxLength ? text : `${text.slice(0, Math.max(1, maxLength - 1))}…`;
}
