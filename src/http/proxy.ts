import { percentDecoded } from '../text/percent-decoded.ts';

/** The protocols that a proxy is spoken to with. */
type ProxyScheme = keyof typeof defaultPorts;

/** A proxy: how to reach it, and how it is shown. */
export interface Proxy {
  /** `socks5` looks names up here, `socks5h` and the others leave that to the proxy. */
  readonly scheme: ProxyScheme;
  /** A name or an address, without brackets. */
  readonly hostname: string;
  readonly port: number;
  readonly credentials: { readonly username: string; readonly password: string } | undefined;
  /** Scheme, name and port, without user info: the name in records and messages. */
  readonly name: string;
  /** Equal for proxies that are equal in everything, credentials included. It holds secrets. */
  readonly key: string;
}

const defaultPorts = { http: 80, https: 443, socks5: 1080, socks5h: 1080 } as const;

/**
 * Parses a proxy as curl writes it: a URL, or `host:port` for an HTTP proxy. Returns `undefined` for `none` and for an empty
 * text, which mean no proxy.
 *
 * @throws TypeError whose message says what is wrong, to follow the name of the place; it does not repeat the text, which may
 *   have a password in it
 */
export function parseProxy(text: string): Proxy | undefined {
  const trimmed = text.trim();
  if (trimmed === '' || trimmed === 'none') return undefined;
  const [, given = 'http'] = /^([a-z][a-z0-9+.-]*):\/\//i.exec(trimmed) ?? [];
  const scheme = given.toLowerCase();
  if (!isScheme(scheme)) {
    const known = Object.keys(defaultPorts).map((each) => `${each}://`);
    throw new TypeError(`must begin with ${known.join(', ')}, not ${scheme.slice(0, 20)}://`);
  }
  const rest = trimmed.replace(/^[a-z][a-z0-9+.-]*:\/\//i, '');
  // As an http: URL, since the URL standard does not normalize the hosts of other schemes.
  // oxlint-disable-next-line no-control-regex -- control characters are what this looks for
  const url = /[\u0000-\u0020\u007f]/.test(rest) ? null : URL.parse(`http://${rest}`);
  const port = url ? portOf(rest, scheme) : 0;
  const wanted = 'must be a URL such as http://proxy.example:3128, or host:port';
  // What stands before the last @ was meant as user info, but a character in it has ended the host.
  if (rest.includes('@') && (!url || !authorityOf(rest).includes('@'))) throw new TypeError(`${wanted}; ${encoding}`);
  if (!url || port === 0) throw new TypeError(wanted);
  if (/%(?![\da-f]{2})/i.test(url.username + url.password))
    throw new TypeError(`has a % that no two hexadecimal digits follow; ${encoding}`);
  const credentials = credentialsOf(url);
  if (credentials && scheme.startsWith('socks')) checkSocksCredentials(credentials);
  const name = `${scheme}://${url.hostname}:${port}`;
  const { username = '', password = '' } = credentials ?? {};
  return {
    scheme,
    hostname: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port,
    credentials,
    name,
    key: credentials ? `${name} ${JSON.stringify([username, password])}` : name,
  };
}

function isScheme(scheme: string): scheme is ProxyScheme {
  return Object.hasOwn(defaultPorts, scheme);
}

const encoding = 'in its user name and password, write @ as %40, : as %3A, / as %2F and % as %25';

function authorityOf(rest: string): string {
  return rest.split(/[/?#\\]/, 1)[0] ?? '';
}

/** Reads the port from the text: in the URL, port 80 would look like none. */
function portOf(rest: string, scheme: ProxyScheme): number {
  const authority = authorityOf(rest);
  const given = /:(\d+)$/.exec(authority.slice(authority.lastIndexOf('@') + 1))?.[1];
  return given === undefined ? defaultPorts[scheme] : Number(given);
}

function credentialsOf({ username, password }: URL): Proxy['credentials'] {
  if (username === '' && password === '') return undefined;
  return { username: percentDecoded(username), password: percentDecoded(password) };
}

/** RFC 1929 has one byte for each length. */
function checkSocksCredentials({ username, password }: NonNullable<Proxy['credentials']>): void {
  if ([username, password].every((text) => Buffer.byteLength(text) <= 255)) return;
  throw new TypeError('has a user name or password longer than the 255 bytes that SOCKS allows');
}
