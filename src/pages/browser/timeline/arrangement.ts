import type { Bars } from './bars.ts';
import { arrangeByStart } from './by-start.ts';
import { makeBuffer, type Frame, type FrameBuffer } from './frame.ts';
import { arrangeLanes, laneTopOf, layLanes, type Lanes } from './lanes.ts';
import type { Viewport } from './viewport.ts';

/** How bars are arranged: a row for each, in as few lanes as they need, or in lanes for each host. */
export type Order = 'start' | 'lanes' | 'host';

/** Puts bars where they are on the screen, in whatever order is chosen, and remembers how far that was scrolled. */
export class Arrangement {
  readonly #bars: Bars;
  readonly #buffer: FrameBuffer;
  readonly #lanes = new Map<Order, Lanes>();
  #order: Order = 'start';
  #scroll = 0;

  constructor(bars: Bars) {
    this.#bars = bars;
    this.#buffer = makeBuffer(bars);
  }

  /** Chooses another order, from its top on. */
  choose(order: Order): void {
    this.#order = order;
    this.#scroll = 0;
  }

  scroll(pixels: number): void {
    this.#scroll = Math.max(0, this.#scroll + pixels);
  }

  /** Scrolls no farther than is needed to show the lane of a bar. */
  reveal(bar: number, height: number): void {
    if (this.#order === 'start') return;
    const top = laneTopOf(bar, this.#lanesNow(), height);
    if (top < this.#scroll || top > this.#scroll + height - roomBelow) this.#scroll = Math.max(0, top - height / 2);
  }

  /** The frame is good until the next is asked for. */
  frame(viewport: Viewport, height: number): Frame {
    if (this.#order === 'start') return arrangeByStart(this.#bars, viewport, height, this.#buffer);
    const frame = this.#laneFrame(viewport, height);
    const most = Math.max(0, frame.height - height);
    if (this.#scroll <= most) return frame;
    this.#scroll = most;
    return this.#laneFrame(viewport, height);
  }

  #laneFrame(viewport: Viewport, height: number): Frame {
    return arrangeLanes(this.#bars, this.#lanesNow(), viewport, { height, scroll: this.#scroll }, this.#buffer);
  }

  #lanesNow(): Lanes {
    const lanes = this.#lanes.get(this.#order) ?? layLanes(this.#bars, this.#order === 'host' ? 'host' : 'all');
    this.#lanes.set(this.#order, lanes);
    return lanes;
  }
}

/** A lane that is hardly on the screen is not shown; in pixels. */
const roomBelow = 20;
