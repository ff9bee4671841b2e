import { axisHeight, fitted, overviewHeight, type Pen, type Picture } from './picture.ts';
import { lengthOf } from './viewport.ts';

/** Draws the times above the bars, and a vertical line for each. */
export function drawAxis({ context, theme, width, height }: Pen, { ticks }: Picture): void {
  context.textBaseline = 'middle';
  for (const { at, text } of ticks) {
    const x = Math.round(at * width) + 0.5;
    context.strokeStyle = theme.grid;
    context.globalAlpha = 0.6;
    context.beginPath();
    context.moveTo(x, axisHeight - 4);
    context.lineTo(x, height - overviewHeight);
    context.stroke();
    context.globalAlpha = 1;
    context.fillStyle = theme.muted;
    context.textAlign = at < 0.04 ? 'left' : at > 0.96 ? 'right' : 'center';
    context.fillText(text, x, axisHeight / 2 - 2);
  }
  context.textAlign = 'left';
}

/** Draws the names of hosts above their lanes. */
export function drawHeadings(pen: Pen, { frame, hostOf }: Picture): void {
  const { context, theme, width } = pen;
  context.textBaseline = 'middle';
  context.fillStyle = theme.text;
  for (const { host, top } of frame.headings) context.fillText(fitted(pen, hostOf(host), width - 8), 4, top + 10);
}

/** Draws the position of the viewport in the run, unless all of it is shown. */
export function drawOverview({ context, theme, width, height }: Pen, { viewport, whole }: Picture): void {
  if (lengthOf(viewport) >= lengthOf(whole) * 0.999) return;
  const from = ((viewport.fromMs - whole.fromMs) / lengthOf(whole)) * width;
  const size = Math.max((lengthOf(viewport) / lengthOf(whole)) * width, 6);
  const top = height - overviewHeight + 3;
  context.fillStyle = theme.grid;
  context.fillRect(0, top, width, 4);
  context.fillStyle = theme.muted;
  context.fillRect(Math.min(from, width - size), top, size, 4);
}
