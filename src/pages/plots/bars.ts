import { html, type Markup } from '../markup.ts';
import { plotHeight, plotWidth } from './plot.ts';

/** A bar or a stack of bars: its horizontal extent, from 0 to 1, and the heights of its parts, lowest first. */
export interface Bar {
  readonly from: number;
  readonly to: number;
  readonly heights: readonly number[];
}

/**
 * Draws stacked bars, one path for each part.
 *
 * @param max height that reaches the top
 * @param names style of each part
 */
export function stackedBars(bars: readonly Bar[], max: number, names: readonly string[]): Markup[] {
  return names.map((name, part) => {
    const path = bars.map(({ from, to, heights }) => {
      const height = heights[part] ?? 0;
      if (height <= 0) return '';
      const under = heights.slice(0, part).reduce((sum, one) => sum + one, 0);
      return rectangle(from * plotWidth, to * plotWidth, yOf(under, max), yOf(under + height, max));
    });
    return html`<path class="fill-${name}" d="${path.join('')}" />`;
  });
}

/** Draws a line through points with coordinates from 0 to 1. */
export function line(points: readonly (readonly [x: number, y: number])[], name: string): Markup {
  return html`<path class="line line-${name}" d="${pathOf(points)}" />`;
}

/** Fills the polygon of some points with coordinates from 0 to 1. */
export function area(points: readonly (readonly [x: number, y: number])[], name: string): Markup {
  return html`<path class="fill-${name}" d="${pathOf(points)}Z" />`;
}

function pathOf(points: readonly (readonly [x: number, y: number])[]): string {
  return points
    .map(([x, y], at) => `${at === 0 ? 'M' : 'L'}${short(x * plotWidth)} ${short((1 - y) * plotHeight)}`)
    .join('');
}

function yOf(height: number, max: number): number {
  return plotHeight * (1 - height / max);
}

function rectangle(left: number, right: number, bottom: number, top: number): string {
  return `M${short(left)} ${short(bottom)}V${short(top)}H${short(right)}V${short(bottom)}Z`;
}

function short(number: number): number {
  return Number(number.toFixed(2));
}
