/** Formats a whole number with thousands separators: `1,234,567`. */
export function formatCount(number: number): string {
  return String(number).replace(/\B(?=(?:\d{3}){1,7}$)/g, ',');
}

/** Formats a number of things with their name: `1 host`, `1,234 hosts`. */
export function plural(number: number, singular: string, several = `${singular}s`): string {
  return `${formatCount(number)} ${number === 1 ? singular : several}`;
}

/** Formats a rate or a ratio to three digits: `9.8`, `1,234`. */
export function formatRate(number: number): string {
  return number < 99.95 ? number.toFixed(1) : formatCount(Math.round(number));
}

/** Formats a duration in a unit that suits it: `87 ms`, `1.20 s`, `2 min 3 s`. */
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

/** Formats a number of bytes in powers of 1000: `1.5 MB`. */
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

/**
 * Formats shares of one whole as {@link percent} does, so that the percentages add up to 100: those that lose most by
 * rounding down are rounded up.
 */
export function percents(shares: readonly number[]): string[] {
  const order = shares.map((_, at) => at).sort((one, other) => lost(shares[other]!) - lost(shares[one]!));
  const sum = shares.reduce((all, share) => all + share, 0);
  const missing = Math.round(sum * 100) - shares.reduce((all, share) => all + Math.floor(share * 100), 0);
  const raised = new Set(order.slice(0, missing));
  return shares.map((share, at) => {
    const whole = Math.floor(share * 100) + (raised.has(at) ? 1 : 0);
    return share > 0.99 || share < 0.01 ? percent(share) : `${whole}%`;
  });
}

function lost(share: number): number {
  return share * 100 - Math.floor(share * 100);
}

/** Formats a share (1 is all) as a whole percentage. Only all is 100%, and only nothing is 0%. */
export function percent(share: number): string {
  if (share > 0.99 && share < 1) return '99%';
  if (share > 0 && share < 0.01) return '1%';
  return `${Math.round(share * 100)}%`;
}
