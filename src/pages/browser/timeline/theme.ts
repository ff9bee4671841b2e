import { verdicts, type Verdict } from '../../model/outcome.ts';
import type { BarPixels } from './raster.ts';

/** The colours of the page, as the canvas needs them. */
export interface Theme {
  readonly text: string;
  readonly muted: string;
  readonly grid: string;
  readonly background: string;
  readonly backgroundPixel: number;
  readonly font: string;
  readonly bars: Readonly<Record<Verdict, BarColors>>;
  /** The same as pixels, in the order of the outcomes. */
  readonly pixels: readonly BarPixels[];
}

/** The three looks of a bar. */
interface BarColors {
  readonly early: string;
  readonly wait: string;
  readonly body: string;
}

/** Reads them from the style sheet, which knows whether it is dark. */
export function readTheme(): Theme {
  const styles = getComputedStyle(document.documentElement);
  const colorOf = (name: string): string => styles.getPropertyValue(`--${name}`).trim();
  const background = toRgb(colorOf('surface'));
  const bars = Object.fromEntries(
    verdicts.map((outcome) => {
      const color = toRgb(colorOf(outcome));
      // What is not ok stands out also while it waits.
      const wait = outcome === 'ok' || outcome === 'cancelled' ? 0.5 : 0.75;
      const parts = { early: mixed(color, background, wait * 0.65), wait: mixed(color, background, wait), body: color };
      return [outcome, parts] as const;
    }),
  ) as Record<Verdict, Record<keyof BarColors, Rgb>>;
  return {
    text: colorOf('text'),
    muted: colorOf('muted'),
    grid: colorOf('grid'),
    background: colorOf('surface'),
    backgroundPixel: toPixel(background),
    font: `12px ${getComputedStyle(document.body).fontFamily}`,
    bars: mapParts(bars, toCss),
    pixels: Object.values(mapParts(bars, toPixel)),
  };
}

type Rgb = readonly [red: number, green: number, blue: number];

function toRgb(hex: string): Rgb {
  const number = Number.parseInt(hex.slice(1), 16);
  return [number >> 16, (number >> 8) & 255, number & 255];
}

function mixed(color: Rgb, background: Rgb, share: number): Rgb {
  const mix = (one: number, other: number): number => Math.round(one * share + other * (1 - share));
  return [mix(color[0], background[0]), mix(color[1], background[1]), mix(color[2], background[2])];
}

function toCss([red, green, blue]: Rgb): string {
  return `rgb(${red} ${green} ${blue})`;
}

/** As the picture of a canvas keeps it: red first, whatever the order of the bytes in a number is. */
function toPixel([red, green, blue]: Rgb): number {
  return new Uint32Array(Uint8Array.of(red, green, blue, 255).buffer)[0]!;
}

function mapParts<T>(
  bars: Readonly<Record<Verdict, Record<keyof BarColors, Rgb>>>,
  map: (color: Rgb) => T,
): Record<Verdict, Record<keyof BarColors, T>> {
  const entries = Object.entries(bars).map(([outcome, { early, wait, body }]) => {
    return [outcome, { early: map(early), wait: map(wait), body: map(body) }];
  });
  return Object.fromEntries(entries) as Record<Verdict, Record<keyof BarColors, T>>;
}
