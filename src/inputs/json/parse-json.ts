/**
 * Parses JSON. Keeps the digits of an integer that JavaScript cannot hold exactly (`JSON.rawJSON`), so that an id of
 * twenty digits is written as it was read.
 */
export function parseJson(text: string): unknown {
  return mayLoseDigits.test(text) ? JSON.parse(text, keepDigits as Parameters<typeof JSON.parse>[1]) : JSON.parse(text);
}

/** Returns the digits of a number that {@link parseJson} kept as text; `undefined` for any other value. */
export function rawNumber(value: unknown): string | undefined {
  return json.isRawJSON(value) ? (value as { readonly rawJSON: string }).rawJSON : undefined;
}

const mayLoseDigits = /\d{16}/;

/** The type definitions lack these two. Every Node we support has them (V8 11.4). */
const json = JSON as typeof JSON & { isRawJSON(value: unknown): boolean; rawJSON(text: string): object };

function keepDigits(_name: string, value: unknown, { source }: { readonly source?: string }): unknown {
  return typeof value === 'number' && source !== undefined && isInexact(value, source) ? json.rawJSON(source) : value;
}

function isInexact(value: number, source: string): boolean {
  return /^-?\d+$/.test(source) && String(value) !== source;
}
