import { drawBars, drawMark } from './draw-bars.ts';
import { drawAxis, drawHeadings, drawOverview } from './draw-frame.ts';
import { axisHeight, overviewHeight, type Pen, type Picture } from './picture.ts';
import { paintBars } from './raster.ts';
import type { Theme } from './theme.ts';

/**
 * Draws the timeline. The canvas must already have its size.
 *
 * @param scale device pixels per pixel of the page
 */
export function draw(canvas: HTMLCanvasElement, picture: Picture, theme: Theme, scale: number): void {
  const context = canvas.getContext('2d', { alpha: false })!;
  const pen: Pen = { context, theme, width: canvas.width / scale, height: canvas.height / scale };
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.fillStyle = theme.background;
  context.fillRect(0, 0, pen.width, pen.height);
  context.font = theme.font;
  const { frame } = picture;
  const isSparse = frame.count <= maxRectangles && frame.barHeight >= 2;
  if (!isSparse) paint(pen, picture, scale);
  drawAxis(pen, picture);
  context.save();
  context.beginPath();
  context.rect(0, axisHeight, pen.width, pen.height - axisHeight - overviewHeight);
  context.clip();
  context.translate(0, axisHeight);
  if (isSparse) drawBars(pen, picture);
  drawHeadings(pen, picture);
  drawMark(pen, picture);
  context.restore();
  drawOverview(pen, picture);
}

/** Number of bars that a canvas can draw as rectangles within one frame. */
const maxRectangles = 3000;

function paint({ context, theme }: Pen, { frame, bars, viewport }: Picture, scale: number): void {
  const { width, height } = context.canvas;
  const top = Math.round(axisHeight * scale);
  const bottom = Math.round(overviewHeight * scale);
  const image = imageOf(width, height - top - bottom);
  const data = new Uint32Array(image.data.buffer).fill(theme.backgroundPixel);
  paintBars({ data, width, height: image.height }, frame, bars, viewport, theme.pixels, scale);
  context.putImageData(image, 0, top);
}

let lastImage: ImageData | undefined;

/** Reuses the image while its size stays the same, to avoid millions of pixels of garbage per frame. */
function imageOf(width: number, height: number): ImageData {
  if (lastImage?.width !== width || lastImage.height !== height) lastImage = new ImageData(width, height);
  return lastImage;
}
