import { printableJson } from '../text/printable.ts';

/** Header fields as a caller may write them. */
export type HeadersInput = Readonly<Record<string, string | readonly string[]>> | Iterable<readonly [string, string]>;

/** Set by us, from the request itself: a caller's own would break the framing of the message or name another host. */
const framing = new Set([
  'host',
  'content-length',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'upgrade',
  'expect',
]);

/**
 * Reads header fields into a flat list: name, value, name, value, ...
 * Throws a `TypeError` that names the field for anything that must not reach the wire.
 */
export function parseHeaders(input: HeadersInput): string[] {
  if (typeof input !== 'object' || input === null) {
    // Not the value itself: it may be a secret, here and below.
    throw new TypeError(`Cannot read headers as 'headers' must be an object: current value is of type ${typeof input}`);
  }
  const flat: string[] = [];
  const pairs = Symbol.iterator in input ? input : Object.entries(input);
  for (const pair of pairs as Iterable<readonly [string, string | readonly string[]]>) {
    if (!Array.isArray(pair)) throw new TypeError(`Cannot read headers as each must be a name with a value`);
    const [name, values] = pair;
    for (const value of Array.isArray(values) ? values : [values]) flat.push(checkName(name), checkValue(name, value));
  }
  return flat;
}

function checkName(name: unknown): string {
  if (typeof name !== 'string' || !/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) {
    const shown =
      typeof name === 'string' ? printableJson(JSON.stringify(name.replace(/:[^]*/, ':'))) : `of type ${typeof name}`;
    throw new TypeError(`Cannot send header ${shown} as its name is not a token`);
  }
  if (framing.has(name.toLowerCase())) {
    throw new TypeError(
      `Cannot send header ${name} as it belongs to the framing of the message, which is not the caller's`,
    );
  }
  return name;
}

function checkValue(name: string, value: unknown): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what this looks for
  if (typeof value !== 'string' || /[^\t\u0020-\u007e\u0080-\u00ff]/.test(value)) {
    throw new TypeError(`Cannot send header ${name} as its value must be printable latin-1 text`);
  }
  return value.trim();
}
