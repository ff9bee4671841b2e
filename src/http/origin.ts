/** The host of a URL (scheme, name and port), as a request has it; undefined of what is no URL. */
export function hostOf(url: string): string | undefined {
  return originOf(plainHost.exec(url)?.[0] ?? url);
}

/** What most URLs begin with. All of a host then share one look at it. */
const plainHost = /^https?:\/\/[a-z0-9.-]+(?::[0-9]+)?(?=[/?#]|$)/;

/** The origin of an HTTP URL, which is looked up if it was met lately; undefined of what is none. */
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
/** What is longer is a whole URL, and met only once. */
const maxCachedLength = 300;
