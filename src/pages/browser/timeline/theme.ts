import type { Verdict } from '../../../http/result.ts';
import { verdicts } from '../../model/verdicts.ts';
import type { BarPixels } from './raster.ts';

/** Colours of the page in the forms that the canvas needs. */
export interface Theme {
  readonly text: string;
  readonly muted: string;
  readonly grid: string;
  readonly background: string;
  readonly backgroundPixel: number;
  readonly font: string;
  readonly bars: Readonly<Record<Verdict, BarColors>>;
  /** Colours of {@link bars} as pixels, in the order of the verdicts. */
  readonly pixels: readonly BarPixels[];
}

/** Colours of the three parts of a bar. */
interface BarColors {
  readonly early: string;
  readonly wait: string;
  readonly body: string;
}

/** Reads the colours from the style sheet, which depend on light or dark mode. */
export function readTheme(): Theme {
  const styles = getComputedStyle(document.documentElement);
  const colorOf = (name: string): string => styles.getPropertyValue(`--${name}`).trim();
  const background = toRgb(colorOf('surface'));
  const bars = Object.fromEntries(
    verdicts.map((verdict) => {
      const color = toRgb(colorOf(verdict));
      // Bad results stand out while they wait, too.
      const wait = verdict === 'ok' || verdict === 'cancelled' ? 0.5 : 0.75;
      const parts = { early: mixed(color, background, wait * 0.65), wait: mixed(color, background, wait), body: color };
      return [verdict, parts] as const;
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

/** Packs a colour as image data stores it: red in the first byte, whatever the byte order of the machine. */
function toPixel([red, green, blue]: Rgb): number {
  return new Uint32Array(Uint8Array.of(red, green, blue, 255).buffer)[0]!;
}

function mapParts<T>(
  bars: Readonly<Record<Verdict, Record<keyof BarColors, Rgb>>>,
  map: (color: Rgb) => T,
): Record<Verdict, Record<keyof BarColors, T>> {
  const entries = Object.entries(bars).map(([verdict, { early, wait, body }]) => {
    return [verdict, { early: map(early), wait: map(wait), body: map(body) }];
  });
  return Object.fromEntries(entries) as Record<Verdict, Record<keyof BarColors, T>>;
}
