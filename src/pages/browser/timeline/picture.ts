import type { Tick } from '../../ticks.ts';
import type { Bars } from './bars.ts';
import type { Frame } from './frame.ts';
import type { Theme } from './theme.ts';
import type { Viewport } from './viewport.ts';

/** What there is to draw. */
export interface Picture {
  readonly bars: Bars;
  readonly frame: Frame;
  readonly viewport: Viewport;
  readonly whole: Viewport;
  readonly ticks: readonly Tick[];
  /** The bar with a border. */
  readonly marked: number | undefined;
  /** What a bar and a host are called. */
  readonly nameOf: (bar: number) => string;
  readonly hostOf: (host: number) => string;
}

/** What it is drawn with. Sizes are in pixels of the page, whatever those of the screen are. */
export interface Pen {
  readonly context: CanvasRenderingContext2D;
  readonly theme: Theme;
  readonly width: number;
  readonly height: number;
}

/** The heights of what stands over and under the bars, in pixels. */
export const axisHeight = 24;
export const overviewHeight = 10;

/** The front of a text that has so much room, in pixels. */
export function fitted({ context }: Pen, text: string, room: number): string {
  const most = Math.floor(room / (context.measureText('nnnnnnnnnn').width / 10));
  return text.length <= most ? text : `${text.slice(0, Math.max(1, most - 1))}…`;
}
