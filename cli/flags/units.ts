import { maxTimerMs } from '../../src/check.ts';
import { parseStatusList } from '../../src/http/status-list.ts';
import { formatCount as grouped } from '../../src/text/quantity.ts';

/** How the value of a flag is read. */
export interface Unit<T> {
  /** The value; undefined for a text that is none. */
  readonly parse: (text: string) => T | undefined;
  /** What there must be, as it goes on after "must be". */
  readonly wanted: string;
  readonly example: string;
}

/** A whole number in plain digits. */
export function count(least: number, example: string): Unit<number> {
  return {
    parse: (text) => within(/^\d+$/.test(text) ? Number(text) : undefined, least, Number.MAX_SAFE_INTEGER),
    wanted: `a whole number of at least ${least}`,
    example,
  };
}

/** The number of a port; 0 is any that is free. */
export const port: Unit<number> = {
  parse: (text) => within(/^\d+$/.test(text) ? Number(text) : undefined, 0, 65_535),
  wanted: 'a port from 0 to 65535',
  example: '8080',
};

/** A stretch of time in milliseconds. */
export function duration(example: string): Unit<number> {
  return {
    parse: parseDuration,
    wanted: 'a time with its unit (ms, s, m or h), 24 days at most',
    example,
  };
}

/** The same for a limit, which 0 takes away. */
export function timeLimit(example: string): Unit<number> {
  return {
    parse(text) {
      const milliseconds = parseDuration(text);
      return milliseconds === 0 ? Infinity : milliseconds;
    },
    wanted: 'a time with its unit (ms, s, m or h), 24 days at most, or 0 for no limit',
    example,
  };
}

/** A number of bytes. */
export const size: Unit<number> = {
  parse(text) {
    const bytes = measured(text.toUpperCase(), { '': 1, B: 1, KB: 1e3, MB: 1e6, GB: 1e9 });
    return bytes === undefined ? undefined : within(Math.round(bytes), 0, Number.MAX_SAFE_INTEGER);
  },
  wanted: 'a size in bytes, KB, MB or GB',
  example: '50MB',
};

/** Starts per second. */
export const rate: Unit<number> = {
  parse(text) {
    const perSecond = measured(text, { '/s': 1, '/m': 1 / 60, '/h': 1 / 3600 });
    return perSecond === undefined || !(perSecond >= slowest) ? undefined : perSecond;
  },
  wanted: `a number above 0 with its unit (/s, /m or /h), one in ${grouped(Math.floor(maxTimerMs / 3_600_000))} hours at least`,
  example: '10/s',
};

/** How much may go wrong: so many records, or a part of all. */
export const errors: Unit<{ readonly most: number; readonly unit: 'records' | 'percent' }> = {
  parse(text) {
    const [, number, percent] = /^(\d+(?:\.\d+)?)(%)?$/.exec(text) ?? [];
    if (number === undefined) return undefined;
    const most = percent ? within(Number(number), 0, 100) : count(0, '').parse(number);
    return most === undefined ? undefined : { most, unit: percent ? 'percent' : 'records' };
  },
  wanted: 'a whole number of records, or a part of them from 0% to 100%',
  example: '5%',
};

/** A list of statuses; it stays text. */
export const statuses: Unit<string> = {
  parse: (text) => (parseStatusList(text) ? text : undefined),
  wanted: 'a list of statuses and ranges of them',
  example: '200-399,404',
};

/** One of several words. */
export function oneOf<const Word extends string>(words: readonly Word[], example: NoInfer<Word>): Unit<Word> {
  return {
    parse: (text) => words.find((word) => word === text),
    wanted: `one of ${words.join(', ')}`,
    example,
  };
}

/** Any text that is not empty. */
export function name(example: string): Unit<string> {
  return { parse: (text) => (text === '' ? undefined : text), wanted: 'a name', example };
}

/** Slower than this no timer can go. */
const slowest = 1000 / maxTimerMs;

function parseDuration(text: string): number | undefined {
  if (text === '0') return 0;
  return within(measured(text, { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }), 0, maxTimerMs);
}

/** A decimal number and its unit, without anything between. */
function measured(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const match = /^(\d+(?:\.\d+)?|\.\d+)(\D*)$/.exec(text);
  const factor = match && Object.hasOwn(units, match[2]!) ? units[match[2]!] : undefined;
  return factor === undefined ? undefined : Number(match![1]) * factor;
}

function within(value: number | undefined, least: number, most: number): number | undefined {
  return value !== undefined && value >= least && value <= most ? value : undefined;
}
