/** The stretch of time that is shown, in milliseconds after the start of the run. */
export interface Viewport {
  readonly fromMs: number;
  readonly toMs: number;
}

/** All of a run, with a little air at its sides. */
export function wholeRun(lengthMs: number): Viewport {
  const air = Math.max(lengthMs, 1) * 0.01;
  return { fromMs: -air, toMs: Math.max(lengthMs, 1) + air };
}

/** Shows less (a factor below 1) or more; what is at a place, from 0 to 1, stays there. */
export function zoomed(viewport: Viewport, factor: number, at: number, whole: Viewport): Viewport {
  const length = lengthOf(viewport);
  const wanted = Math.min(Math.max(length * factor, minMs), lengthOf(whole));
  const fixed = viewport.fromMs + at * length;
  return within({ fromMs: fixed - at * wanted, toMs: fixed + (1 - at) * wanted }, whole);
}

/** Shows what is later, or earlier, by a share of what is shown. */
export function moved(viewport: Viewport, share: number, whole: Viewport): Viewport {
  const byMs = share * lengthOf(viewport);
  return within({ fromMs: viewport.fromMs + byMs, toMs: viewport.toMs + byMs }, whole);
}

/** Moves no farther than is needed to show a stretch of time, or its start where it does not fit. */
export function showing(viewport: Viewport, fromMs: number, toMs: number, whole: Viewport): Viewport {
  if (fromMs >= viewport.fromMs && toMs <= viewport.toMs) return viewport;
  const length = lengthOf(viewport);
  const start = toMs - fromMs > length * 0.8 ? fromMs - length * 0.1 : (fromMs + toMs - length) / 2;
  return within({ fromMs: start, toMs: start + length }, whole);
}

/** How long it is, in milliseconds. */
export function lengthOf({ fromMs, toMs }: Viewport): number {
  return toMs - fromMs;
}

/** Times are known to the microsecond. */
const minMs = 0.01;

function within({ fromMs, toMs }: Viewport, whole: Viewport): Viewport {
  const length = Math.min(toMs - fromMs, lengthOf(whole));
  const start = Math.min(Math.max(fromMs, whole.fromMs), whole.toMs - length);
  return { fromMs: start, toMs: start + length };
}
