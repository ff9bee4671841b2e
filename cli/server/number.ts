import { Refusal } from './refusal.ts';

interface Bounds {
  readonly min?: number;
  /** Larger numbers are lowered to this, as httpbin does. */
  readonly max?: number;
}

/** Parses a whole number in a path or a query, or answers 400. */
export function wholeNumber(name: string, text: string | undefined, bounds: Bounds = {}): number {
  return bounded(name, text, 'a whole number', /^\d+$/, { max: Number.MAX_SAFE_INTEGER, ...bounds });
}

/** Parses a decimal number in a path or a query, or answers 400. */
export function decimal(name: string, text: string | undefined, bounds: Bounds = {}): number {
  return bounded(name, text, 'a number', /^\d+(\.\d+)?$/, bounds);
}

/** Parses a number from 0 to 1, or answers 400. */
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
  { min = 0, max = Number.MAX_VALUE }: Bounds,
): number {
  // `Number()` alone would accept '', ' 1', '0x10', '1e9', '-1' and 'Infinity'.
  if (text === undefined || !shape.test(text) || Number(text) < min) {
    throw refusal(name, `${kind} >= ${min}`, text);
  }
  return Math.min(Number(text), max);
}

function refusal(name: string, wanted: string, text: string | undefined): Refusal {
  const got = text === undefined ? 'nothing' : JSON.stringify(text.slice(0, 40));
  return new Refusal(400, `Bad parameter '${name}': must be ${wanted}, got ${got}`);
}
