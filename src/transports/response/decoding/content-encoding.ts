import { printableJson } from '../../../text/printable.ts';

/** A content coding we can undo. `x-gzip` is `gzip`, `identity` is none. */
export type Coding = 'gzip' | 'deflate' | 'br' | 'zstd';

const known: ReadonlyMap<string, Coding> = new Map([
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['deflate', 'deflate'],
  ['br', 'br'],
  ['zstd', 'zstd'],
]);

// As in curl and undici. Each layer costs a decoder and multiplies what a bomb can do; real servers use one.
const maxCodings = 5;

/**
 * The codings of a `Content-Encoding` header, in the order in which they are to be undone (the reverse of the header's).
 * A string instead says why they cannot be.
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
