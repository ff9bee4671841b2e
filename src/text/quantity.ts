/** A number of things as a person reads it: `1,234,567`. */
export function formatCount(number: number): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** How many per something, or how many times: three digits are enough. */
export function formatRate(number: number): string {
  return number < 99.95 ? number.toFixed(1) : formatCount(Math.round(number));
}

/** A stretch of time in the unit that suits it: `87 ms`, `1.20 s`, `2 min 3 s`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 9.95) return `${milliseconds.toFixed(1)} ms`;
  if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 9.995) return `${seconds.toFixed(2)} s`;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${formatCount(Math.floor(whole / 3600))} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** A number of bytes, in powers of 1000. */
export function bytes(number: number): string {
  let scaled = number;
  let unit = 0;
  while (scaled >= 999.5 && unit < units.length - 1) {
    scaled /= 1000;
    unit += 1;
  }
  const digits = unit > 0 && scaled < 9.95 ? 1 : 0;
  return `${scaled.toFixed(digits)} ${units[unit]}`;
}

const units = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'];

/** A part of a whole, from 0 to 1; 100% and 0% are said of no more and no less. */
export function percent(part: number): string {
  if (part > 0.99 && part < 1) return '99%';
  if (part > 0 && part < 0.01) return '1%';
  return `${Math.round(part * 100)}%`;
}
