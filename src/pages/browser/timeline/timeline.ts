import { printable } from '../../../text/printable.ts';
import { formatCount } from '../../../text/quantity.ts';
import type { PageData } from '../../page-data.ts';
import { timeLabel, timeTicks } from '../../ticks.ts';
import { element, elementIfThere } from '../element.ts';
import { Arrangement, type Order } from './arrangement.ts';
import { unpackBars, type Bars } from './bars.ts';
import { maxRowHeight } from './by-start.ts';
import { describeBar, nameBar } from './describe-bar.ts';
import { draw } from './draw.ts';
import { barAt, type Frame } from './frame.ts';
import { listenToKeys, listenToPointers, type TimelineControls } from './gestures.ts';
import { axisHeight, overviewHeight } from './picture.ts';
import { readTheme, type Theme } from './theme.ts';
import { lengthOf, moved, showing, wholeRun, zoomed, type Viewport } from './viewport.ts';

/** Draws the timeline and connects its controls, if the page has one. */
export function startTimeline(data: PageData): void {
  const area = elementIfThere('timeline', HTMLElement);
  if (area !== undefined) new Timeline(area, data).start();
}

class Timeline implements TimelineControls {
  readonly #data: PageData;
  readonly #bars: Bars;
  readonly #arrangement: Arrangement;
  readonly #whole: Viewport;
  readonly #area: HTMLElement;
  readonly #canvas: HTMLCanvasElement;
  readonly #order = element('timeline-order', HTMLSelectElement);
  readonly #readout = element('timeline-readout', HTMLOutputElement);
  readonly #hint = this.#readout.textContent;
  readonly #window = element('timeline-window', HTMLElement);
  #theme: Theme = readTheme();
  #viewport: Viewport;
  #frame: Frame;
  #selected: number | undefined;
  #hovered: number | undefined;
  #isScheduled = false;

  constructor(area: HTMLElement, data: PageData) {
    this.#area = area;
    this.#canvas = area.querySelector('canvas')!;
    this.#data = data;
    this.#bars = unpackBars(data);
    this.#whole = wholeRun(data.lengthMs);
    this.#viewport = this.#whole;
    this.#arrangement = new Arrangement(this.#bars);
    // With many bars, rows are too thin to tell apart.
    if (this.#bars.count > maxRows) this.#order.value = 'lanes';
    this.#arrangement.choose(this.#order.value as Order);
    this.#frame = this.#arrangement.frame(this.#viewport, this.#plotHeight);
  }

  start(): void {
    this.#shrink();
    listenToPointers(this.#area, this);
    listenToKeys(this.#area, this);
    element('timeline-in', HTMLButtonElement).addEventListener('click', () => this.#zoomMiddle(0.5));
    element('timeline-out', HTMLButtonElement).addEventListener('click', () => this.#zoomMiddle(2));
    element('timeline-whole', HTMLButtonElement).addEventListener('click', () => this.showAll());
    this.#order.addEventListener('change', () => {
      this.#arrangement.choose(this.#order.value as Order);
      this.#redrawSoon();
    });
    new ResizeObserver(() => this.#redrawSoon()).observe(this.#area);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      this.#theme = readTheme();
      this.#redrawSoon();
    });
    element('timeline-tools', HTMLElement).hidden = false;
    this.#redraw();
  }

  zoom(factor: number, x: number): void {
    this.#show(zoomed(this.#viewport, factor, x / this.#area.clientWidth, this.#whole));
  }

  move(share: number): void {
    this.#show(moved(this.#viewport, share, this.#whole));
  }

  showAll(): void {
    this.#show(this.#whole);
  }

  scroll(pixels: number): void {
    this.#arrangement.scroll(pixels);
    this.#redrawSoon();
  }

  hover(x: number, y: number): void {
    const found = this.#find(x, y);
    if (found === this.#hovered) return;
    this.#hovered = found;
    if (this.#selected === undefined) this.#mark(found);
  }

  leave(): void {
    this.#hovered = undefined;
    this.#mark(this.#selected);
  }

  select(x: number, y: number): void {
    this.#selected = this.#find(x, y);
    this.#mark(this.#selected);
  }

  selectNext(by: 1 | -1): void {
    const next = this.#selected === undefined ? this.#frame.bars[0]! : this.#selected + by;
    const bar = Math.min(Math.max(next, 0), this.#bars.count - 1);
    this.#selected = bar;
    this.#mark(bar);
    this.#arrangement.reveal(bar, this.#plotHeight);
    this.#show(showing(this.#viewport, this.#bars.starts[bar]!, this.#bars.ends[bar]!, this.#whole));
  }

  deselect(): void {
    this.#selected = undefined;
    this.#mark(undefined);
  }

  get #plotHeight(): number {
    return this.#area.clientHeight - axisHeight - overviewHeight;
  }

  /** Makes the area no higher than its bars need. */
  #shrink(): void {
    const neededHeight = this.#bars.count * maxRowHeight + axisHeight + overviewHeight + 4;
    if (neededHeight < this.#area.clientHeight) this.#area.style.height = `${Math.max(neededHeight, minHeight)}px`;
  }

  #zoomMiddle(factor: number): void {
    this.zoom(factor, this.#area.clientWidth / 2);
  }

  #show(viewport: Viewport): void {
    this.#viewport = viewport;
    this.#redrawSoon();
  }

  #find(x: number, y: number): number | undefined {
    const perMs = this.#area.clientWidth / lengthOf(this.#viewport);
    return barAt(this.#frame, this.#bars, this.#viewport.fromMs + x / perMs, y - axisHeight, perMs);
  }

  /** Describes a bar below the timeline, and redraws to mark it. */
  #mark(bar: number | undefined): void {
    this.#readout.textContent = bar === undefined ? this.#hint : describeBar(this.#data, bar, this.#bars.starts[bar]!);
    this.#redrawSoon();
  }

  /** Redraws once per frame, however many changes come in between. */
  #redrawSoon(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    requestAnimationFrame(() => {
      this.#isScheduled = false;
      this.#redraw();
    });
  }

  #redraw(): void {
    const scale = devicePixelRatio;
    const width = this.#area.clientWidth;
    if (width === 0) return;
    resize(this.#canvas, Math.round(width * scale), Math.round(this.#area.clientHeight * scale));
    this.#frame = this.#arrangement.frame(this.#viewport, this.#plotHeight);
    const picture = {
      bars: this.#bars,
      frame: this.#frame,
      viewport: this.#viewport,
      whole: this.#whole,
      ticks: timeTicks(this.#viewport.fromMs, this.#viewport.toMs, Math.max(2, Math.floor(width / pixelsPerTick))),
      marked: this.#selected ?? this.#hovered,
      nameOf: (bar: number) => nameBar(this.#data, bar),
      hostOf: (host: number) => printable(this.#data.hosts[host]!),
    };
    draw(this.#canvas, picture, this.#theme, scale);
    this.#window.textContent = this.#windowText();
  }

  #windowText(): string {
    const stepMs = lengthOf(this.#viewport) / 100;
    const from = timeLabel(Math.max(0, this.#viewport.fromMs), stepMs);
    const to = timeLabel(Math.min(this.#data.lengthMs, this.#viewport.toMs), stepMs);
    return `${from} – ${to}, ${formatCount(this.#frame.count)} on screen`;
  }
}

/** Resizes a canvas. Setting even the same size would clear it. */
function resize(canvas: HTMLCanvasElement, width: number, height: number): void {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
}

/** Number of bars above which the timeline starts in lanes. */
const maxRows = 400;
/** Pixels: enough for a name or two. */
const minHeight = 120;
const pixelsPerTick = 110;
