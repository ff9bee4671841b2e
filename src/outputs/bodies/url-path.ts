import { percentDecoded } from '../../text/percent-decoded.ts';

/** A URL's path as names. */
export interface PathParts {
  readonly folders: readonly string[];
  /** The last segment; `index` where the path ends in a slash. */
  readonly name: string;
  /** Another spelling of the path gives the same names: some character is percent-encoded that need not be. */
  readonly isReencoded: boolean;
}

/** Splits the path of a parsed URL into names, percent-decoded where that is valid UTF-8. Empty segments are left out. */
export function pathParts(pathname: string): PathParts {
  const encoded = pathname.split('/').slice(1);
  const last = encoded.pop() ?? '';
  const folders = encoded.filter((segment) => segment !== '');
  const isReencoded = folders.length < encoded.length || [...folders, last].some((segment) => !isCanonical(segment));
  return { folders: folders.map(percentDecoded), name: last === '' ? 'index' : percentDecoded(last), isReencoded };
}

/** Most segments: nothing in them is encoded or has to be. */
const unreserved = /^[\w\-.~]*$/;

/** Whether encoding the name again gives the segment it came from. */
function isCanonical(segment: string): boolean {
  if (unreserved.test(segment)) return true;
  const name = percentDecoded(segment);
  const again = name.replaceAll(/[^\w\-.~!$&'()*+,;=:@[\]|^]/gu, (character) => encodeURIComponent(character));
  return again === segment;
}
