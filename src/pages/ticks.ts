/** A mark on an axis, at a position from 0 to 1. */
export interface Tick {
  readonly at: number;
  readonly text: string;
}

/** Returns about `about` round numbers from 0 to at least `max`. The last one is the end of the axis. */
export function roundSteps(max: number, about: number): number[] {
  const step = roundStep(max / about);
  const steps = max <= 0 ? 1 : Math.ceil(max / step - 1e-9);
  return Array.from({ length: steps + 1 }, (_, at) => at * step);
}

/** Rounds up to 1, 2 or 5 times a power of ten. */
function roundStep(min: number): number {
  if (!(min > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(min));
  const factor = [1, 2, 5, 10].find((times) => times * power >= min * (1 - 1e-9)) ?? 10;
  return factor * power;
}

/** Steps of a time axis from a second to a day. */
const clockStepsMs = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400,
].map((seconds) => seconds * 1000);

/** Returns at most `max` marks at round times between two times in milliseconds. */
export function timeTicks(fromMs: number, toMs: number, max: number): Tick[] {
  const lengthMs = toMs - fromMs;
  if (!(lengthMs > 0)) return [{ at: 0, text: timeLabel(fromMs, 1) }];
  const minStepMs = lengthMs / Math.max(1, max);
  const stepMs =
    minStepMs <= 500
      ? roundStep(minStepMs)
      : (clockStepsMs.find((step) => step >= minStepMs) ?? roundStep(minStepMs / 86_400_000) * 86_400_000);
  const ticks: Tick[] = [];
  for (let number = Math.ceil(fromMs / stepMs); number * stepMs <= toMs; number += 1) {
    ticks.push({ at: (number * stepMs - fromMs) / lengthMs, text: timeLabel(number * stepMs, stepMs) });
  }
  return ticks;
}

/** Formats a time since the start, as exact as marks `stepMs` apart need: `350 ms`, `1.25 s`, `3 min 20 s`, `2 h`. */
export function timeLabel(ms: number, stepMs: number): string {
  const sign = ms < 0 ? '-' : '';
  const size = Math.abs(ms);
  if (size === 0) return '0';
  if (size < 1000 && stepMs < 1000) return `${sign}${trimmed(size, stepMs)} ms`;
  const whole = Math.floor(size / 60_000);
  const secondsMs = size - whole * 60_000;
  const parts = [
    whole >= 1440 ? `${Math.floor(whole / 1440)} d` : '',
    whole % 1440 >= 60 ? `${Math.floor((whole % 1440) / 60)} h` : '',
    whole % 60 > 0 ? `${whole % 60} min` : '',
    secondsMs > 0 && stepMs < 60_000 ? `${trimmed(secondsMs / 1000, stepMs / 1000)} s` : '',
  ];
  return `${sign}${parts.filter((part) => part !== '').join(' ')}`;
}

function trimmed(number: number, step: number): string {
  const digits = Math.min(6, Math.max(0, Math.ceil(-Math.log10(step) - 1e-9)));
  return digits === 0 ? String(Math.round(number)) : number.toFixed(digits).replace(/\.?0{1,6}$/, '');
}
