/**
 * Parses JSON. A number that JavaScript cannot hold exactly is kept with its digits (`JSON.rawJSON`), so that an id of
 * twenty digits comes out as it came in.
 */
export function parseJson(text: string): unknown {
  return mayLoseDigits.test(text) ? JSON.parse(text, keepDigits as Parameters<typeof JSON.parse>[1]) : JSON.parse(text);
}

/** Returns the digits of a number that {@link parseJson} kept as text; `undefined` for any other value. */
export function rawNumber(value: unknown): string | undefined {
  return json.isRawJSON(value) ? (value as { readonly rawJSON: string }).rawJSON : undefined;
}

const mayLoseDigits = /\d{16}/;

/** Newer than the type definitions: part of V8 since 11.4, and so of every Node we support. */
const json = JSON as typeof JSON & { isRawJSON(value: unknown): boolean; rawJSON(text: string): object };

function keepDigits(_name: string, value: unknown, { source }: { readonly source?: string }): unknown {
  return typeof value === 'number' && source !== undefined && isInexact(value, source) ? json.rawJSON(source) : value;
}

function isInexact(value: number, source: string): boolean {
  return /^-?\d+$/.test(source) && String(value) !== source;
}
