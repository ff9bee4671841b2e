import { Cookie, CookieJar as ToughJar } from 'tough-cookie';
import type { SavedCookie } from './cookie-file.ts';

/** The cookies of a run, by the rules of RFC 6265 and the list of public suffixes. */
export class CookieBox {
  readonly #jar = new ToughJar(undefined, { allowSecureOnLocal: false });

  getCookieString(url: string): string {
    return this.#jar.getCookieStringSync(url);
  }

  /** Throws if the host of the URL may not set the cookie. */
  setCookie(setCookie: string, url: string): void {
    this.#jar.setCookieSync(setCookie, url);
  }

  /** Adds a cookie of a file. One that its own domain could not have set is left out. */
  add({ domain, isShared, path, isSecure, isHttpOnly, expires, name, value }: SavedCookie): void {
    const cookie = new Cookie({
      key: name,
      value,
      path,
      secure: isSecure,
      httpOnly: isHttpOnly,
      ...(isShared && { domain }),
      expires: expires === 0 ? 'Infinity' : new Date(expires * 1000),
    });
    const host = domain.includes(':') && !domain.startsWith('[') ? `[${domain}]` : domain;
    this.#jar.setCookieSync(cookie, `https://${host}/`, { ignoreError: true });
  }

  /** Lists the cookies that have not expired at `now`, in milliseconds since 1970. */
  list(now: number): SavedCookie[] {
    const all = this.#jar.serializeSync()?.cookies ?? [];
    return all.flatMap((serialized) => {
      const cookie = Cookie.fromJSON(serialized);
      const expiresAt = cookie?.expiryTime() ?? Infinity;
      return cookie === undefined || expiresAt <= now ? [] : [savedCookie(cookie, expiresAt)];
    });
  }
}

function savedCookie(cookie: Cookie, expiresAt: number): SavedCookie {
  return {
    domain: cookie.domain ?? '',
    isShared: cookie.hostOnly !== true,
    path: cookie.path ?? '/',
    isSecure: cookie.secure,
    isHttpOnly: cookie.httpOnly,
    expires: Number.isFinite(expiresAt) ? Math.ceil(expiresAt / 1000) : 0,
    name: cookie.key,
    value: cookie.value,
  };
}
