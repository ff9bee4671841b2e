import { html, type Markup } from '../markup.ts';
import { plotHeight, plotWidth } from './plot.ts';

/** One bar, or a stack of them: where it is, from 0 to 1, and how high its parts are, the lowest first. */
export interface Bar {
  readonly from: number;
  readonly to: number;
  readonly heights: readonly number[];
}

/**
 * Draws bars, one path for each part of the stacks.
 *
 * @param most the height that reaches the top
 * @param names the style of each part
 */
export function stackedBars(bars: readonly Bar[], most: number, names: readonly string[]): Markup[] {
  return names.map((name, part) => {
    const path = bars.map(({ from, to, heights }) => {
      const height = heights[part] ?? 0;
      if (height <= 0) return '';
      const under = heights.slice(0, part).reduce((sum, one) => sum + one, 0);
      return rectangle(from * plotWidth, to * plotWidth, yOf(under, most), yOf(under + height, most));
    });
    return html`<path class="fill-${name}" d="${path.join('')}" />`;
  });
}

/** Draws lines through points, both of whose parts go from 0 to 1. */
export function line(points: readonly (readonly [x: number, y: number])[], name: string): Markup {
  return html`<path class="line line-${name}" d="${pathOf(points)}" />`;
}

/** Fills what lies between points. */
export function area(points: readonly (readonly [x: number, y: number])[], name: string): Markup {
  return html`<path class="fill-${name}" d="${pathOf(points)}Z" />`;
}

function pathOf(points: readonly (readonly [x: number, y: number])[]): string {
  return points
    .map(([x, y], at) => `${at === 0 ? 'M' : 'L'}${short(x * plotWidth)} ${short((1 - y) * plotHeight)}`)
    .join('');
}

function yOf(height: number, most: number): number {
  return plotHeight * (1 - height / most);
}

function rectangle(left: number, right: number, bottom: number, top: number): string {
  return `M${short(left)} ${short(bottom)}V${short(top)}H${short(right)}V${short(bottom)}Z`;
}

function short(number: number): number {
  return Number(number.toFixed(2));
}
