import { Refusal } from './refusal.ts';

interface Bounds {
  readonly minimum?: number;
  /** More than this is lowered to it, as httpbin does. */
  readonly maximum?: number;
}

/** A whole number from a path or a query, or a 400. */
export function wholeNumber(name: string, text: string | undefined, bounds: Bounds = {}): number {
  return bounded(name, text, 'a whole number', /^\d+$/, { maximum: Number.MAX_SAFE_INTEGER, ...bounds });
}

/** A number with or without decimals from a path or a query, or a 400. */
export function decimal(name: string, text: string | undefined, bounds: Bounds = {}): number {
  return bounded(name, text, 'a number', /^\d+(\.\d+)?$/, bounds);
}

/** A number from 0 to 1, or a 400. */
export function probability(name: string, text: string | undefined): number {
  const value = decimal(name, text);
  if (value > 1) throw refusal(name, 'a number from 0 to 1', text);
  return value;
}

function bounded(
  name: string,
  text: string | undefined,
  kind: string,
  shape: RegExp,
  { minimum = 0, maximum = Number.MAX_VALUE }: Bounds,
): number {
  // `Number()` alone would take '', ' 1', '0x10', '1e9', '-1' and 'Infinity'.
  if (text === undefined || !shape.test(text) || Number(text) < minimum) {
    throw refusal(name, `${kind} >= ${minimum}`, text);
  }
  return Math.min(Number(text), maximum);
}

function refusal(name: string, wanted: string, text: string | undefined): Refusal {
  const got = text === undefined ? 'nothing' : JSON.stringify(text.slice(0, 40));
  return new Refusal(400, `Bad parameter '${name}': must be ${wanted}, got ${got}`);
}
