import type { FetchRequest } from './request.ts';

/**
 * A GET of a URL that is written as the WHATWG parser would write it, as nearly all requests are. Many of them wait, so it
 * holds no more than it must: the rest is read off the text when it is sent.
 */
class LiteralGet implements FetchRequest {
  readonly url: string;
  readonly host: string;
  readonly headers: readonly string[];
  readonly #pathAt: number;

  constructor(url: string, host: string, pathAt: number, headers: readonly string[]) {
    this.url = url;
    this.host = host;
    this.headers = headers;
    this.#pathAt = pathAt;
  }

  get method(): string {
    return 'GET';
  }

  get path(): string {
    return this.url.slice(this.#pathAt);
  }

  get body(): undefined {
    return undefined;
  }

  get bodyHash(): undefined {
    return undefined;
  }

  get id(): undefined {
    return undefined;
  }
}

/**
 * The request for such a URL; undefined for any other, which is for the parser. This takes a fraction of its time, and all
 * requests to a host share one text for it.
 */
export function literalGet(url: string, headers: readonly string[]): FetchRequest | undefined {
  // A segment that begins with a dot may be one that goes up.
  if (!literal.test(url) || url.includes('/.') || (url.includes('%2') && /%2e/i.test(url))) return undefined;
  const pathAt = url.indexOf('/', 'https://'.length);
  const host = originOf(url.slice(0, pathAt));
  return host === undefined ? undefined : new LiteralGet(url, host, pathAt, headers);
}

/** What the parser leaves alone: a name in lower case, no user info, no fragment, and in path and query nothing that it would encode. */
const literal = /^https?:\/\/[a-z0-9.-]+(?::[0-9]+)?\/[\w\-.~!$&()*+,;=:@%/]*(?:\?[\w\-.~!$&()*+,;=:@%/?]+)?$/;

/** Those that were met lately. */
const origins = new Map<string, string>();
const mostOrigins = 1000;

function originOf(prefix: string): string | undefined {
  const known = origins.get(prefix);
  if (known !== undefined) return known;
  const url = URL.parse(prefix);
  // What is wrong with it is told by those who look closer.
  if (!url || url.port === '0') return undefined;
  if (origins.size === mostOrigins) origins.clear();
  origins.set(prefix, url.origin);
  return url.origin;
}
