/** Period shown, in milliseconds since the start of the run. */
export interface Viewport {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Returns the viewport of a whole run, with a little space on both sides. */
export function wholeRun(lengthMs: number): Viewport {
  const spaceMs = Math.max(lengthMs, 1) * 0.01;
  return { fromMs: -spaceMs, toMs: Math.max(lengthMs, 1) + spaceMs };
}

/** Zooms in (a factor below 1) or out. The time at a position from 0 to 1 stays in place. */
export function zoomed(viewport: Viewport, factor: number, at: number, whole: Viewport): Viewport {
  const length = lengthOf(viewport);
  const wanted = Math.min(Math.max(length * factor, minMs), lengthOf(whole));
  const fixed = viewport.fromMs + at * length;
  return within({ fromMs: fixed - at * wanted, toMs: fixed + (1 - at) * wanted }, whole);
}

/** Pans by a share of the period shown; later if positive. */
export function moved(viewport: Viewport, share: number, whole: Viewport): Viewport {
  const byMs = share * lengthOf(viewport);
  return within({ fromMs: viewport.fromMs + byMs, toMs: viewport.toMs + byMs }, whole);
}

/** Pans no farther than needed to show a period, or its start if it does not fit. */
export function showing(viewport: Viewport, fromMs: number, toMs: number, whole: Viewport): Viewport {
  if (fromMs >= viewport.fromMs && toMs <= viewport.toMs) return viewport;
  const length = lengthOf(viewport);
  const start = toMs - fromMs > length * 0.8 ? fromMs - length * 0.1 : (fromMs + toMs - length) / 2;
  return within({ fromMs: start, toMs: start + length }, whole);
}

/** Returns the length in milliseconds. */
export function lengthOf({ fromMs, toMs }: Viewport): number {
  return toMs - fromMs;
}

/** Closest zoom. Times are exact to a microsecond. */
const minMs = 0.01;

function within({ fromMs, toMs }: Viewport, whole: Viewport): Viewport {
  const length = Math.min(toMs - fromMs, lengthOf(whole));
  const start = Math.min(Math.max(fromMs, whole.fromMs), whole.toMs - length);
  return { fromMs: start, toMs: start + length };
}
