import type { Bars } from './bars.ts';
import { arrangeByStart } from './by-start.ts';
import { makeBuffer, type Frame, type FrameBuffer } from './frame.ts';
import { arrangeLanes, laneTopOf, layLanes, type Lanes } from './lanes.ts';
import type { Viewport } from './viewport.ts';

/** Layout of the bars: one row per bar, as few lanes as possible, or lanes for each host. */
export type Order = 'start' | 'lanes' | 'host';

/** Lays out the bars on the screen in the chosen order, and remembers the scroll position. */
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

  /** Changes the order and scrolls to the top. */
  choose(order: Order): void {
    this.#order = order;
    this.#scroll = 0;
  }

  scroll(pixels: number): void {
    this.#scroll = Math.max(0, this.#scroll + pixels);
  }

  /** Scrolls no farther than needed to show the lane of a bar. */
  reveal(bar: number, height: number): void {
    if (this.#order === 'start') return;
    const top = laneTopOf(bar, this.#lanesNow(), height);
    if (top < this.#scroll || top > this.#scroll + height - roomBelow) this.#scroll = Math.max(0, top - height / 2);
  }

  /** Returns the visible bars. The next call overwrites the frame. */
  frame(viewport: Viewport, height: number): Frame {
    if (this.#order === 'start') return arrangeByStart(this.#bars, viewport, height, this.#buffer);
    const frame = this.#laneFrame(viewport, height);
    const max = Math.max(0, frame.height - height);
    if (this.#scroll <= max) return frame;
    this.#scroll = max;
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

/** Pixels: a lane closer than this to the lower edge does not count as shown. */
const roomBelow = 20;
