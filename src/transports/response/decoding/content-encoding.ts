import { printableJson } from '../../../text/printable.ts';

/** A supported content coding. `x-gzip` is `gzip`; `identity` is none. */
export type Coding = 'gzip' | 'deflate' | 'br' | 'zstd';

const known: ReadonlyMap<string, Coding> = new Map([
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['deflate', 'deflate'],
  ['br', 'br'],
  ['zstd', 'zstd'],
]);

// The limit of curl and undici. Each layer costs a decoder and multiplies a bomb; real servers use one.
const maxCodings = 5;

/**
 * Parses a `Content-Encoding` header into codings, in the order of decoding (the reverse of the header's). Returns a
 * string that gives the reason if they cannot be decoded.
 */
export function parseContentEncoding(contentEncoding: string): readonly Coding[] | string {
  const names = contentEncoding
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'identity');
  if (names.length > maxCodings) return `${names.length} content codings, the limit is ${maxCodings}`;
  const codings: Coding[] = [];
  for (const name of names) {
    const coding = known.get(name);
    if (coding === undefined) return `unknown content coding ${printableJson(JSON.stringify(name))}`;
    codings.unshift(coding);
  }
  return codings;
}
