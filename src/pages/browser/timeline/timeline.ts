import { printable } from '../../../text/printable.ts';
import { formatCount } from '../../../text/quantity.ts';
import type { PageData } from '../../page-data.ts';
import { timeLabel, timeTicks } from '../../ticks.ts';
import { element, elementIfThere } from '../element.ts';
import { Arrangement, type Order } from './arrangement.ts';
import { unpackBars } from './bars.ts';
import { tallestRow } from './by-start.ts';
import { describeBar, nameBar } from './describe-bar.ts';
import { draw } from './draw.ts';
import { barAt, type Frame } from './frame.ts';
import { listenToKeys, listenToPointers, type Wishes } from './gestures.ts';
import { axisHeight, overviewHeight } from './picture.ts';
import { readTheme } from './theme.ts';
import { lengthOf, moved, showing, wholeRun, zoomed, type Viewport } from './viewport.ts';

/** Draws the timeline, and lets it be looked at closely. */
export function startTimeline(data: PageData): void {
  const area = elementIfThere('timeline', HTMLElement);
  if (area === undefined) return;
  const canvas = area.querySelector('canvas')!;
  const order = element('timeline-order', HTMLSelectElement);
  const readout = element('timeline-readout', HTMLOutputElement);
  const told = element('timeline-window', HTMLElement);
  const hint = readout.textContent;
  const bars = unpackBars(data);
  const arrangement = new Arrangement(bars);
  const whole = wholeRun(data.lengthMs);
  const names = {
    nameOf: (bar: number) => nameBar(data, bar),
    hostOf: (host: number) => printable(data.hosts[host]!),
  };
  let theme = readTheme();
  let viewport: Viewport = whole;
  let selected: number | undefined;
  let pointed: number | undefined;
  let frame: Frame;
  let isWaiting = false;

  /** However many wishes come between two frames, it is drawn once. */
  function change(): void {
    if (isWaiting) return;
    isWaiting = true;
    requestAnimationFrame(() => {
      isWaiting = false;
      redraw();
    });
  }

  function redraw(): void {
    const scale = devicePixelRatio;
    const width = area!.clientWidth;
    if (width === 0) return;
    resize(canvas, Math.round(width * scale), Math.round(area!.clientHeight * scale));
    frame = arrangement.frame(viewport, plotHeight());
    const ticks = timeTicks(viewport.fromMs, viewport.toMs, Math.max(2, Math.floor(width / 110)));
    draw(canvas, { bars, frame, viewport, whole, ticks, marked: selected ?? pointed, ...names }, theme, scale);
    told.textContent = windowText();
  }

  function plotHeight(): number {
    return area!.clientHeight - axisHeight - overviewHeight;
  }

  function windowText(): string {
    const step = lengthOf(viewport) / 100;
    const from = timeLabel(Math.max(0, viewport.fromMs), step);
    const to = timeLabel(Math.min(data.lengthMs, viewport.toMs), step);
    return `${from} – ${to}, ${formatCount(frame.count)} on screen`;
  }

  function tell(bar: number | undefined): void {
    readout.textContent = bar === undefined ? hint : describeBar(data, bar, bars.starts[bar]!);
  }

  function find(x: number, y: number): number | undefined {
    const perMs = area!.clientWidth / lengthOf(viewport);
    return barAt(frame, bars, viewport.fromMs + x / perMs, y - axisHeight, perMs);
  }

  function show(next: Viewport): void {
    viewport = next;
    change();
  }

  const wishes: Wishes = {
    zoom: (factor, x) => show(zoomed(viewport, factor, x / area.clientWidth, whole)),
    move: (share) => show(moved(viewport, share, whole)),
    whole: () => show(whole),
    scroll(pixels) {
      arrangement.scroll(pixels);
      change();
    },
    point(x, y) {
      const found = find(x, y);
      if (found === pointed) return;
      pointed = found;
      if (selected !== undefined) return;
      tell(pointed);
      change();
    },
    leave() {
      pointed = undefined;
      tell(selected);
      change();
    },
    choose(x, y) {
      selected = find(x, y);
      tell(selected);
      change();
    },
    step(by) {
      const next = selected === undefined ? frame.bars[0]! : selected + by;
      selected = Math.min(Math.max(next, 0), bars.count - 1);
      tell(selected);
      arrangement.reveal(selected, plotHeight());
      show(showing(viewport, bars.starts[selected]!, bars.ends[selected]!, whole));
    },
    forget() {
      selected = undefined;
      tell(undefined);
      change();
    },
  };

  // A row for each tells most, as long as there is room for them.
  if (bars.count > maxRows) order.value = 'lanes';
  arrangement.choose(order.value as Order);
  const neededHeight = bars.count * tallestRow + axisHeight + overviewHeight + 4;
  if (neededHeight < area.clientHeight) area.style.height = `${Math.max(neededHeight, minHeight)}px`;

  listenToPointers(area, wishes);
  listenToKeys(area, wishes);
  const zoomMiddle = (factor: number) => (): void => wishes.zoom(factor, area.clientWidth / 2);
  element('timeline-in', HTMLButtonElement).addEventListener('click', zoomMiddle(0.5));
  element('timeline-out', HTMLButtonElement).addEventListener('click', zoomMiddle(2));
  element('timeline-whole', HTMLButtonElement).addEventListener('click', () => wishes.whole());
  order.addEventListener('change', () => {
    arrangement.choose(order.value as Order);
    change();
  });
  new ResizeObserver(change).observe(area);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    theme = readTheme();
    change();
  });
  element('timeline-tools', HTMLElement).hidden = false;
  redraw();
}

/** Also the same size anew would make a canvas begin anew. */
function resize(canvas: HTMLCanvasElement, width: number, height: number): void {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
}

/** More of them are rows that nobody can tell apart. */
const maxRows = 400;
/** In pixels: enough for a name or two. */
const minHeight = 120;
