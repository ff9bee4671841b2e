/**
 * Keeps cookies. A `CookieJar` of tough-cookie is one, and so is what `openCookieJar()` of `fetchmany/cookies` opens.
 */
export interface CookieJar {
  /** Returns the cookies for a request, as `name=value; name=value`; an empty text if there are none. */
  getCookieString(url: string): string | Promise<string>;
  /** Takes a `Set-Cookie` field of a response. If it throws or rejects, the cookie is dropped. */
  setCookie(setCookie: string, url: string): unknown;
}
