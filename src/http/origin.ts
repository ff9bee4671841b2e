/** Returns the origin of a URL (scheme, name and port); undefined if it is not an HTTP URL. */
export function hostOf(url: string): string | undefined {
  return originOf(plainHost.exec(url)?.[0] ?? url);
}

/** The origin of most URLs, as text: all URLs of a host then share one cache entry. */
const plainHost = /^https?:\/\/[a-z0-9.-]+(?::[0-9]+)?(?=[/?#]|$)/;

/** Returns the origin of an HTTP URL, from a cache if it is there; undefined for anything else. */
export function originOf(url: string): string | undefined {
  const known = origins.get(url);
  if (known !== undefined) return known;
  const parsed = URL.parse(url);
  if (parsed?.protocol !== 'http:' && parsed?.protocol !== 'https:') return undefined;
  if (origins.size === maxOrigins) origins.clear();
  if (url.length <= maxCachedLength) origins.set(url, parsed.origin);
  return parsed.origin;
}

const origins = new Map<string, string>();
const maxOrigins = 1000;
/** Longer texts are whole URLs, which rarely repeat. In characters. */
const maxCachedLength = 300;
