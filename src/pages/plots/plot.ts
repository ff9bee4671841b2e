import { html, type Content, type Markup } from '../markup.ts';
import type { Tick } from '../ticks.ts';

/** A plot, with its data as text for readers who cannot see it. */
export interface Plot {
  /** Id of its element; letters only. */
  readonly id: string;
  readonly title: string;
  /** Content of the plot, as a phrase. */
  readonly description: string;
  /** Shapes in a box of {@link plotWidth} by {@link plotHeight}, stretched to the width of the page. */
  readonly shapes: Content;
  /** Marks and notes on top of the shapes, not stretched; see {@link mark} and {@link note}. */
  readonly marks?: Content;
  readonly x: readonly Tick[];
  readonly y: readonly Tick[];
  readonly columns: readonly string[];
  readonly rows: readonly PlotRow[];
}

/** Data of one interval of the horizontal axis. */
export interface PlotRow {
  /** Start and end of the interval, from 0 to 1. */
  readonly from: number;
  readonly to: number;
  readonly cells: readonly string[];
}

/** Width of the box that shapes are drawn in, before it is stretched. */
export const plotWidth = 1000;
/** Height of that box in pixels. */
export const plotHeight = 140;

const above = 16;
const below = 20;

/** Renders a plot with a readout and its data as a table. Text keeps its size at every width. */
export function renderPlot({ id, title, description, shapes, marks, x, y, columns, rows }: Plot): Markup {
  return html`<figure class="plot" id="${id}">
    <figcaption id="${id}-title"><b>${title}</b> <span class="muted">${description}</span></figcaption>
    <div class="plot-area" tabindex="0" role="group" aria-labelledby="${id}-title" aria-describedby="${id}-keys">
      <svg class="y-axis" height="${above + plotHeight + below}" aria-hidden="true">${y.map(yLabel)}</svg>
      <svg class="plane" height="${above + plotHeight + below}" aria-hidden="true">
        ${y.map(({ at }) => gridLine(at))}
        <svg
          y="${above}"
          width="100%"
          height="${plotHeight}"
          viewBox="0 0 ${plotWidth} ${plotHeight}"
          preserveAspectRatio="none"
        >
          ${shapes}
        </svg>
        ${x.map(xLabel)} ${marks}
        <rect class="cursor" y="${above}" height="${plotHeight}" width="0" />
      </svg>
    </div>
    <output class="readout"></output>
    <p class="hidden" id="${id}-keys">Use the left and right arrow keys to read the values.</p>
    <details>
      <summary>Show as table</summary>
      <div class="scroll" tabindex="0" role="region" aria-label="Data of ${title}">
        <table>
          <thead>
            <tr>
              ${columns.map((column) => html`<th scope="col">${column}</th>`)}
            </tr>
          </thead>
          <tbody>
            ${rows.map(tableRow)}
          </tbody>
        </table>
      </div>
    </details>
  </figure> `;
}

function gridLine(at: number): Markup {
  const y = crisp(yOf(at));
  return html`<line class="${at === 0 ? 'axis' : 'grid'}" x2="100%" y1="${y}" y2="${y}" />`;
}

/** Labels stand beside the plot: on top of a bar they would be hard to read. */
function yLabel({ at, text }: Tick): Markup {
  return html`<text x="100%" dx="-8" y="${round(yOf(at) + 4)}" text-anchor="end">${text}</text>`;
}

function xLabel({ at, text }: Tick): Markup {
  const anchor = at < 0.04 ? 'start' : at > 0.96 ? 'end' : 'middle';
  return html`<text x="${svgLength(at)}" y="${above + plotHeight + 15}" text-anchor="${anchor}">${text}</text>`;
}

function tableRow({ from, to, cells }: PlotRow): Markup {
  const [name, ...numbers] = cells;
  return html`<tr data-from="${round(from)}" data-to="${round(to)}">
    <th scope="row">${name}</th>
    ${numbers.map((cell) => html`<td>${cell}</td>`)}
  </tr>`;
}

const signs = { circle: 'M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0Z', diamond: 'M0-5L5 0L0 5L-5 0Z', triangle: 'M0-5L5 4H-5Z' };

/** Shape of a mark. */
export type Sign = keyof typeof signs;

/** Draws a mark at a point with coordinates from 0 to 1. */
export function mark(x: number, y: number, sign: Sign, name: string): Markup {
  return html`<svg x="${svgLength(x)}" y="${round(yOf(y))}" overflow="visible">
    <path class="mark fill-${name}" d="${signs[sign]}" />
  </svg>`;
}

/** Writes a text beside a point with coordinates from 0 to 1. */
export function note(x: number, y: number, text: string, side: 'left' | 'right'): Markup {
  const [anchor, dx] = side === 'left' ? ['end', -8] : ['start', 8];
  return html`<text class="on-plot" x="${svgLength(x)}" y="${round(yOf(y) - 7)}" dx="${dx}" text-anchor="${anchor}"
    >${text}</text
  >`;
}

function yOf(at: number): number {
  return above + (1 - at) * plotHeight;
}

/** Formats a coordinate or a length from 0 to 1 for SVG. */
export function svgLength(share: number): string {
  return `${Number((share * 100).toFixed(3))}%`;
}

/** Rounds to what a screen can show. */
function round(number: number): number {
  return Number(number.toFixed(4));
}

/** Moves a line to the middle of a pixel, where it is sharp. */
function crisp(y: number): number {
  return Math.floor(y) + 0.5;
}
