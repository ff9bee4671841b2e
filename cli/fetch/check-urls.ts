import { formatOfName } from '../../src/inputs/input-format.ts';
import { quoted, shown } from '../flags/quoted.ts';
import { UsageError } from '../flags/usage-error.ts';

/** The circumstances in which the URLs of a command line are looked at. */
export interface UrlContext {
  /** True if the command line names a list as well. */
  readonly hasList: boolean;
  /** True if globs are expanded. */
  readonly isGlob: boolean;
  /** Tells whether there is a file of this name. */
  readonly isFile: (name: string) => boolean;
}

/**
 * Looks for words in the place of URLs that were meant otherwise. Returns a note for each kind that is fetched all the
 * same. Throws a {@link UsageError} for a word that cannot be meant as a URL.
 */
export function checkUrls(urls: readonly string[], { hasList, isGlob, isFile }: UrlContext): readonly string[] {
  const notes = new Map<string, string>();
  for (const url of urls) {
    if (url === '-') throw new UsageError('- is not a URL: -i - reads URLs from standard input');
    if (/^-[0-9#]$/.test(url)) throw new UsageError(`unknown option ${url}; see fetchmany --help`);
    if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(url) && isFile(url)) noteFile(url, notes);
    if (isGlob) continue;
    const braces = /\{\+?[\p{L}\p{N}_ .-]+\}/u.exec(url)?.[0];
    if (braces !== undefined && hasList) throw template(url, braces);
    const glob = /\[(?:\d+-\d+|[a-z]-[a-z])(?::\d+)?\]|\{[^{},]*(?:,[^{},]*)+\}/i.exec(url)?.[0];
    if (glob !== undefined) notes.set('glob', `${quoted(url)} is fetched as it is; --glob expands ${shown(glob)}`);
    else if (braces !== undefined)
      notes.set(
        'braces',
        `${quoted(url)} is fetched as it is; --url-template fills in the columns of a list (-i FILE)`,
      );
  }
  return [...notes.values()];
}

/** A file may have the name of a host, such as `example.com`: it is fetched, unless its extension is that of a list. */
function noteFile(name: string, notes: Map<string, string>): void {
  const isList = /[\\/]|\.(?:txt|list|lst|log|gz|html?)$/i.test(name) || isListName(name);
  if (isList) throw new UsageError(`${quoted(name)} is a file: -i ${shown(name)} reads it as a list`);
  notes.set('file', `${quoted(name)} is fetched as a host; -i ${shown(name)} reads the file of this name as a list`);
}

/** The extensions of scripts are top-level domains too. */
function isListName(name: string): boolean {
  const format = formatOfName(name);
  return format !== undefined && format !== 'curl';
}

function template(url: string, braces: string): UsageError {
  return new UsageError(
    `${quoted(url)} would be fetched as it is: --url-template in front of it fills in ${braces} from the list`,
  );
}
