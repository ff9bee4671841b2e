import { verdicts, verdictSigns } from '../../model/verdicts.ts';
import { fitted, type Pen, type Picture } from './picture.ts';
import { lengthOf } from './viewport.ts';

/** Draws a frame with few bars: each bar, with its sign and its name where they fit. */
export function drawBars(pen: Pen, picture: Picture): void {
  const { frame, bars } = picture;
  const placeOf = placer(pen, picture);
  for (let at = 0; at < frame.count; at += 1) {
    const bar = frame.bars[at]!;
    const verdict = verdicts[bars.verdicts[bar]!]!;
    const colors = pen.theme.bars[verdict];
    const { from, waitFrom, bodyFrom, to } = placeOf(bar);
    const top = frame.tops[at]!;
    const height = frame.barHeight;
    const thin = Math.max(2, height / 3);
    rectangle(pen, from, waitFrom, top + (height - thin) / 2, thin, colors.wait);
    rectangle(pen, waitFrom, bodyFrom, top, height, colors.wait);
    rectangle(pen, Math.min(bodyFrom, to - 2), to, top, height, colors.body);
    if (verdict !== 'ok') drawSign(pen, verdictSigns[verdict].sign, to, top, height);
  }
  // Names need a row as high as a line of text. Among lanes under headings there is little room for them.
  if (frame.barHeight < lineHeight || frame.headings.length > 0) return;
  pen.context.textBaseline = 'middle';
  for (let at = 0; at < frame.count; at += 1) {
    const bar = frame.bars[at]!;
    const { from, to } = placeOf(bar);
    const isFirst = frame.tops[at - 1] !== frame.tops[at] || at === 0;
    const isLast = at + 1 === frame.count || frame.tops[at + 1] !== frame.tops[at];
    // In a lane, the gap before a bar belongs to the name of the previous bar.
    const left = isFirst ? 0 : from;
    const right = isLast ? pen.width : placeOf(frame.bars[at + 1]!).from;
    drawName(pen, picture.nameOf(bar), { from, to, left, right }, frame.tops[at]! + frame.barHeight / 2);
  }
}

/** Draws a border around the marked bar, if it is on the screen. */
export function drawMark(pen: Pen, picture: Picture): void {
  const { frame, marked } = picture;
  const at = marked === undefined ? -1 : frame.bars.subarray(0, frame.count).indexOf(marked);
  if (at < 0) return;
  const { from, to } = placer(pen, picture)(marked!);
  const left = Math.max(from, -4) - 2;
  const right = Math.min(to, pen.width + 4) + 2;
  pen.context.lineWidth = 2;
  pen.context.strokeStyle = pen.theme.text;
  pen.context.strokeRect(left, frame.tops[at]! - 2, right - left, Math.max(frame.barHeight, 2) + 4);
  pen.context.lineWidth = 1;
}

/** Pixels. */
const lineHeight = 12;
const signHeight = 8;

interface Place {
  readonly from: number;
  readonly waitFrom: number;
  readonly bodyFrom: number;
  readonly to: number;
}

/** Returns where bars begin, change colour and end, in pixels from the left. Even the shortest bar is visible. */
function placer({ width }: Pen, { bars, viewport }: Picture): (bar: number) => Place {
  const perMs = width / lengthOf(viewport);
  const xOf = (ms: number): number => (ms - viewport.fromMs) * perMs;
  return (bar) => {
    const from = xOf(bars.starts[bar]!);
    const to = Math.max(xOf(bars.ends[bar]!), from + 2);
    return { from, waitFrom: xOf(bars.waits[bar]!), bodyFrom: xOf(bars.bodies[bar]!), to };
  };
}

function rectangle(pen: Pen, from: number, to: number, top: number, height: number, color: string): void {
  const left = Math.max(from, -10);
  const right = Math.min(to, pen.width + 10);
  if (right <= left) return;
  pen.context.fillStyle = color;
  pen.context.fillRect(left, top, right - left, height);
}

/** Draws the sign at the end of the bar, for readers who do not see colours. */
function drawSign(pen: Pen, sign: string, to: number, top: number, height: number): void {
  if (height < signHeight || to > pen.width + signHeight) return;
  const { context, theme } = pen;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.lineWidth = 3;
  context.strokeStyle = theme.background;
  context.strokeText(sign, to, top + height / 2);
  context.fillStyle = theme.text;
  context.fillText(sign, to, top + height / 2);
  context.lineWidth = 1;
  context.textAlign = 'left';
}

/** Horizontal extent of a bar, and the free space around it, in pixels. */
interface Space {
  readonly from: number;
  readonly to: number;
  readonly left: number;
  readonly right: number;
}

/** Draws the name after the bar, or before it if there is more room. */
function drawName(pen: Pen, name: string, { from, to, left, right }: Space, y: number): void {
  const { context, theme } = pen;
  const after = Math.min(to, right);
  const isAfter = right - after > 140 || right - after >= from - left;
  const room = (isAfter ? right - after : from - left) - 16;
  if (room < 50) return;
  context.fillStyle = theme.muted;
  context.textAlign = isAfter ? 'left' : 'right';
  context.fillText(fitted(pen, name, room), isAfter ? after + 9 : from - 6, y + 0.5);
  context.textAlign = 'left';
}
