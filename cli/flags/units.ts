import { maxTimerMs } from '../../src/check.ts';
import type { Concurrency } from '../../src/fetcher/options.ts';
import { parseMethod } from '../../src/http/request.ts';
import { parseStatusList } from '../../src/http/status-list.ts';
import { nearest } from './nearest.ts';

/** A parser for the value of a flag. */
export interface Unit<T> {
  /** Returns the value; undefined if the text is not valid. */
  readonly parse: (text: string) => T | undefined;
  /** A description that follows "must be". */
  readonly wanted: string;
  readonly example: string;
  /** Returns what may be meant by a text that is not valid. */
  readonly hint?: (text: string) => string | undefined;
}

/** A whole number, in digits only. */
export function count(min: number, example: string): Unit<number> {
  return {
    parse: (text) => within(/^\d+$/.test(text) ? Number(text) : undefined, min, Number.MAX_SAFE_INTEGER),
    wanted: `a whole number of at least ${min}`,
    example,
  };
}

/** A number of requests at once: a whole number, or `auto` with or without the most that it may learn. */
export function concurrency(example: string): Unit<Concurrency> {
  return {
    parse(text) {
      if (text === 'auto') return 'auto';
      const [, auto, number = ''] = /^(auto:)?(\d+)$/.exec(text) ?? [];
      const most = count(1, '').parse(number);
      return most === undefined || auto === undefined ? most : { auto: most };
    },
    wanted: 'a whole number of at least 1, auto, or auto:MAX',
    example,
  };
}

/** A port number; 0 means any free port. */
export const port: Unit<number> = {
  parse: (text) => within(/^\d+$/.test(text) ? Number(text) : undefined, 0, 65_535),
  wanted: 'a port from 0 to 65535',
  example: '8080',
};

/** A duration, parsed to milliseconds. */
export function duration(example: string): Unit<number> {
  return {
    parse: parseDuration,
    wanted: 'a time with a unit (ms, s, m or h), at most 24 days',
    example,
    hint: durationHint,
  };
}

/** A time limit, parsed to milliseconds; 0 means no limit (Infinity). */
export function timeLimit(example: string): Unit<number> {
  return {
    parse(text) {
      const milliseconds = parseDuration(text);
      return milliseconds === 0 ? Infinity : milliseconds;
    },
    wanted: 'a time with a unit (ms, s, m or h), at most 24 days, or 0 for no limit',
    example,
    hint: durationHint,
  };
}

/** A time, parsed to milliseconds, or `none` for no limit. */
export function patience(example: string): Unit<number> {
  return {
    parse: (text) => (text === 'none' ? Infinity : parseDuration(text)),
    wanted: 'a time with a unit (ms, s, m or h), at most 24 days, or none for no limit',
    example,
    hint: durationHint,
  };
}

/** A size, parsed to bytes. */
export const size: Unit<number> = {
  parse(text) {
    const bytes = measured(text.toUpperCase(), { '': 1, B: 1, KB: 1e3, MB: 1e6, GB: 1e9 });
    return bytes === undefined ? undefined : within(Math.round(bytes), 0, Number.MAX_SAFE_INTEGER);
  },
  wanted: 'a size in bytes, KB, MB or GB',
  example: '50MB',
  hint(text) {
    const [, number = '', letter = '?'] = /^([\d.]+)\s*([kmg])(?:i?b)?$/i.exec(text) ?? [];
    return didYouMean(`${number}${letter.toUpperCase()}B`, size.parse);
  },
};

/** A rate, parsed to requests per second. */
export const rate: Unit<number> = {
  parse(text) {
    const perSecond = measured(text, { '/s': 1, '/m': 1 / 60, '/h': 1 / 3600 });
    return perSecond === undefined || !(perSecond >= minPerSecond) ? undefined : perSecond;
  },
  wanted: 'a number with a unit (/s, /m or /h), at least 0.002/h',
  example: '10/s',
  hint(text) {
    const [, number = '', word = ''] = /^([\d.]+)\s*(?:(?:\/|per)\s*)?([a-z]*)$/i.exec(text) ?? [];
    return didYouMean(`${number}/${word.toLowerCase() === 'rps' ? 's' : unitOf(word)}`, rate.parse);
  },
};

/** An error budget: a number of records, or a percentage of them. */
export const errors: Unit<{ readonly max: number; readonly unit: 'records' | 'percent' }> = {
  parse(text) {
    const [, number, percent] = /^(\d+(?:\.\d+)?)(%)?$/.exec(text) ?? [];
    if (number === undefined) return undefined;
    const max = percent ? within(Number(number), 0, 100) : count(0, '').parse(number);
    return max === undefined ? undefined : { max, unit: percent ? 'percent' : 'records' };
  },
  wanted: 'a whole number of records, or a percentage from 0% to 100%',
  example: '5%',
};

/** An HTTP method, in upper case. */
export const method: Unit<string> = {
  parse(text) {
    try {
      return parseMethod(text);
    } catch {
      return undefined;
    }
  },
  wanted: 'an HTTP method other than CONNECT',
  example: 'POST',
};

/** A list of HTTP methods, in upper case. */
export const methods: Unit<string[]> = {
  parse(text) {
    const all = text.split(',').map((part) => method.parse(part.trim()));
    return all.every((part) => part !== undefined) ? all : undefined;
  },
  wanted: 'a list of HTTP methods other than CONNECT',
  example: 'GET,POST',
};

/** A list of statuses and ranges; stays text. */
export const statuses: Unit<string> = {
  parse: (text) => (parseStatusList(text) ? text : undefined),
  wanted: 'a list of status codes and ranges',
  example: '200-399,404',
  hint: (text) => didYouMean(text.replaceAll(/([1-9])xx/gi, '$100-$199'), statuses.parse),
};

/** One of a set of words. */
export function oneOf<const Word extends string>(words: readonly Word[], example: NoInfer<Word>): Unit<Word> {
  return {
    parse: (text) => words.find((word) => word === text),
    wanted: `one of ${words.join(', ')}`,
    example,
    hint(text) {
      const meant = nearest(text.toLowerCase(), words);
      return meant === undefined ? undefined : `did you mean ${meant}?`;
    },
  };
}

/** Any text that is not empty, such as a file name. */
export function name(example: string): Unit<string> {
  return { parse: (text) => (text === '' ? undefined : text), wanted: 'a name', example };
}

/** Names the unit that was most likely left out or written otherwise: `5` and `5 sec` are 5s. */
function durationHint(text: string): string | undefined {
  const [, number = '', word = ''] = /^([\d.]+)\s*([a-z]*)$/i.exec(text) ?? [];
  // Nobody knows whether 500 are milliseconds, as in many programs, or seconds, as in curl.
  const isAmbiguous = word === '' && Number(number) >= 100;
  return didYouMean(isAmbiguous ? `${number}ms or ${number}s` : number + unitOf(word), (meant) =>
    parseDuration(meant.split(' ', 1)[0]!),
  );
}

/** Returns the unit of a word such as `sec` or `minutes`: seconds for none, no unit for one that we do not have. */
function unitOf(word: string): string {
  if (word === '') return 's';
  const unit = /^(?:(ms|milli)|(s|secs?|seconds?)$|(m|mins?|minutes?)$|(h|hrs?|hours?)$)/i.exec(word);
  return ['ms', 's', 'm', 'h'].find((_, at) => unit?.[at + 1] !== undefined) ?? '?';
}

function didYouMean(text: string, parse: (text: string) => unknown): string | undefined {
  return parse(text) === undefined ? undefined : `did you mean ${text}?`;
}

/** Requests per second: the longest interval that a timer can wait for. */
const minPerSecond = 1000 / maxTimerMs;

function parseDuration(text: string): number | undefined {
  if (text === '0') return 0;
  return within(measured(text, { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }), 0, maxTimerMs);
}

/** Parses a decimal number directly followed by its unit. */
function measured(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const match = /^(\d+(?:\.\d+)?|\.\d+)(\D*)$/.exec(text);
  const factor = match && Object.hasOwn(units, match[2]!) ? units[match[2]!] : undefined;
  return factor === undefined ? undefined : Number(match![1]) * factor;
}

function within(value: number | undefined, min: number, max: number): number | undefined {
  return value !== undefined && value >= min && value <= max ? value : undefined;
}
