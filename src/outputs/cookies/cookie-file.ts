/** One cookie of a file. */
export interface SavedCookie {
  /** The host, or the domain whose hosts all get it. In lower case, without a leading dot. */
  readonly domain: string;
  /** True if the domain's other hosts get it too. */
  readonly isShared: boolean;
  readonly path: string;
  readonly isSecure: boolean;
  readonly isHttpOnly: boolean;
  /** Seconds since 1970; 0 for a cookie without an expiry date. */
  readonly expires: number;
  readonly name: string;
  readonly value: string;
}

/**
 * Reads a cookie file in the format of Netscape and curl: seven fields with tabs between them. Lines that begin with `#` are
 * comments, but for `#HttpOnly_`. Throws a `SyntaxError` that names the line, and never shows what it says.
 */
export function parseCookieFile(text: string): SavedCookie[] {
  const cookies: SavedCookie[] = [];
  for (const [at, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    if (line.trim() === '' || (line.startsWith('#') && !line.startsWith(httpOnly))) continue;
    cookies.push(cookieOf(line, at + 1));
  }
  return cookies;
}

/** Formats cookies as a file that {@link parseCookieFile} and curl read. */
export function formatCookieFile(cookies: readonly SavedCookie[]): string {
  return [header, ...cookies.filter(fitsOneLine).map(lineOf), ''].join('\n');
}

const httpOnly = '#HttpOnly_';
const header = `# Netscape HTTP Cookie File
# Written by fetchmany. Anyone who can read this file can use the sessions in it.
`;

function cookieOf(line: string, number: number): SavedCookie {
  const isHttpOnly = line.startsWith(httpOnly);
  const fields = line.slice(isHttpOnly ? httpOnly.length : 0).split('\t');
  const [domain = '', shared = '', path = '', secure = '', expires = '', name = '', value = ''] = fields;
  if (fields.length < 6 || fields.length > 7)
    throw new SyntaxError(`line ${number} does not have seven fields separated by tabs`);
  const host = domain.replace(/^\./, '').toLowerCase();
  if (host === '' || !isFlag(shared) || !isFlag(secure) || !/^-?\d{1,15}$/.test(expires)) {
    throw new SyntaxError(
      `line ${number} is not a domain, TRUE or FALSE, a path, TRUE or FALSE, a time, a name and a value`,
    );
  }
  return {
    domain: host,
    isShared: shared.toUpperCase() === 'TRUE',
    path: path === '' ? '/' : path,
    isSecure: secure.toUpperCase() === 'TRUE',
    isHttpOnly,
    expires: Math.max(0, Number(expires)),
    name,
    value,
  };
}

function isFlag(text: string): boolean {
  return /^(?:true|false)$/i.test(text);
}

function fitsOneLine({ domain, path, name, value }: SavedCookie): boolean {
  return !/[\t\r\n]/.test(domain + path + name + value);
}

function lineOf({ domain, isShared, path, isSecure, isHttpOnly, expires, name, value }: SavedCookie): string {
  const where = `${isHttpOnly ? httpOnly : ''}${isShared ? '.' : ''}${domain}`;
  return [where, flag(isShared), path, flag(isSecure), expires, name, value].join('\t');
}

function flag(isSet: boolean): string {
  return isSet ? 'TRUE' : 'FALSE';
}
