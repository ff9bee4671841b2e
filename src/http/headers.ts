import { printableJson } from '../text/printable.ts';

/** Header fields as one list that alternates between names and values: name, value, name, value, ... */
export type FlatHeaders = readonly string[];

/** Header fields as a caller may pass them. */
export type HeadersInput = Readonly<Record<string, string | readonly string[]>> | Iterable<readonly [string, string]>;

/** Fields that we set ourselves: a caller's own would break the framing of the message. */
const framing = new Set(['content-length', 'transfer-encoding', 'connection', 'keep-alive', 'upgrade', 'expect']);

/**
 * Converts header fields to {@link FlatHeaders}. `Host` takes the place of the URL's host in the request, and nowhere else. Throws a
 * `TypeError` that names a field that must not be sent.
 */
export function parseHeaders(input: HeadersInput): string[] {
  if (typeof input !== 'object' || input === null) {
    // Never the value itself, here and below: it may be a secret.
    throw new TypeError(`Cannot read headers as 'headers' must be an object: current value is of type ${typeof input}`);
  }
  const flat: string[] = [];
  const pairs = Symbol.iterator in input ? input : Object.entries(input);
  let hosts = 0;
  for (const pair of pairs as Iterable<readonly [string, string | readonly string[]]>) {
    if (!Array.isArray(pair)) throw new TypeError(`Cannot read headers as each must be a name with a value`);
    const [name, values] = pair;
    for (const value of Array.isArray(values) ? values : [values]) {
      flat.push(checkName(name), checkValue(name, value));
      if (name.toLowerCase() === 'host') hosts += checkHost(value);
    }
  }
  if (hosts > 1) throw new TypeError('Cannot send header Host as there is more than one');
  return flat;
}

/** Tells whether a list has a field that is not empty. `name` is in lower case. */
export function hasHeader(headers: FlatHeaders, name: string): boolean {
  return headers.some((text, at) => at % 2 === 0 && text.toLowerCase() === name && headers[at + 1] !== '');
}

function checkName(name: unknown): string {
  if (typeof name !== 'string' || !/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) {
    const shown =
      typeof name === 'string' ? printableJson(JSON.stringify(name.replace(/:[^]*/, ':'))) : `of type ${typeof name}`;
    throw new TypeError(`Cannot send header ${shown} as its name is not a token`);
  }
  if (framing.has(name.toLowerCase())) {
    throw new TypeError(`Cannot send header ${name} as fetchmany sets it itself`);
  }
  return name;
}

/** A request has one host. Returns 1, to count them. */
function checkHost(value: string): number {
  if (hostAndPort.test(value.trim())) return 1;
  throw new TypeError('Cannot send header Host as its value must be a host name, and a port if need be');
}

const hostAndPort = /^(?:\[[0-9a-f:.]+\]|[\w.~!$&'()*+;=%-]+)(?::\d{1,5})?$/i;

function checkValue(name: string, value: unknown): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what this looks for
  if (typeof value !== 'string' || /[^\t\u0020-\u007e\u0080-\u00ff]/.test(value)) {
    throw new TypeError(`Cannot send header ${name} as its value must be printable latin-1 text`);
  }
  return value.trim();
}
