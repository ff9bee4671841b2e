import type { FetchResult } from './result.ts';

/**
 * Returns the URL of the next page that a response names in its `Link` header (RFC 8288, `rel="next"`), resolved against the URL
 * that answered; undefined if there is none. With `follow` it fetches every page of an API.
 *
 * @example
 * ```ts
 * for await (const page of fetcher.asCompleted([first], { follow: nextLink })) use(page);
 * ```
 */
export function nextLink(result: FetchResult): string | undefined {
  if (result.kind !== 'response') return undefined;
  const { link } = result.headers;
  if (typeof link !== 'string') return undefined;
  for (const { target, parameters } of linksOf(link)) {
    const relations = parameters.get('rel')?.toLowerCase().split(/\s+/);
    // A link with an anchor starts elsewhere than at this page.
    if (!relations?.includes('next') || parameters.has('anchor')) continue;
    const url = URL.parse(target, result.finalUrl);
    if (url?.protocol === 'http:' || url?.protocol === 'https:') return url.href;
  }
  return undefined;
}

interface Link {
  readonly target: string;
  /** Names in lower case; of a repeated name, the first value. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** Reads a `Link` header as far as it is well-formed. */
function* linksOf(header: string): Generator<Link, void, undefined> {
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(header);
    if (match) at = pattern.lastIndex;
    return match;
  };
  for (let link = take(reference); link; link = take(reference)) {
    const parameters = new Map<string, string>();
    for (let match = take(parameter); match; match = take(parameter)) {
      const [, name = '', quoted, plain = ''] = match;
      const key = name.toLowerCase();
      if (!parameters.has(key)) parameters.set(key, quoted?.replaceAll(/\\(.)/g, '$1') ?? plain);
    }
    yield { target: link[1]!.trim(), parameters };
  }
}

const reference = /[\s,]*<([^>]*)>/y;
const parameter = /\s*;\s*(?:([\w!#$%&'*+.^`|~-]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s";,]*)))?)?/y;
