import { originOf } from './origin.ts';

/**
 * A request, as `request.ts` has them: a GET of a URL that is written as the WHATWG parser would write it, as nearly all are.
 * What is sent is read off its text.
 */
export class CanonicalGet {
  readonly url: string;
  readonly origin: string;
  readonly headers: readonly string[];
  readonly #pathAt: number;

  constructor(url: string, host: string, headers: readonly string[]) {
    this.url = url;
    this.origin = host;
    this.headers = headers;
    this.#pathAt = pathAt(url);
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
 * The host of such a URL; undefined of any other, which is for the parser. This takes a fraction of its time, and all
 * requests to a host share one text for it.
 */
export function canonicalOrigin(url: string): string | undefined {
  // A segment that begins with a dot may be one that goes up.
  if (url.length > maxLength || !literal.test(url) || url.includes('/.')) return undefined;
  if (url.includes('%2') && /%2e/i.test(url)) return undefined;
  const host = originOf(url.slice(0, pathAt(url)));
  // What is wrong with a host is told by those who look closer.
  return host?.endsWith(':0') ? undefined : host;
}

/** The request for such a URL, whose host is known. */
export function canonicalGet(url: string, host: string, headers: readonly string[]): CanonicalGet {
  return new CanonicalGet(url, host, headers);
}

function pathAt(url: string): number {
  return url.indexOf('/', 'https://'.length);
}

const maxLength = 10_000;

/** What the parser leaves alone: a name in lower case, no user info, no fragment, and in path and query nothing that it would encode. */
const literal = /^https?:\/\/[a-z0-9.-]+(?::[0-9]+)?\/[\w\-.~!$&()*+,;=:@%/]*(?:\?[\w\-.~!$&()*+,;=:@%/?]*)?$/;
