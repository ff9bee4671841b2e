import { nameError } from '../text/name-error.ts';

/**
 * A reason why a request has no response. The list is closed: an unknown error is `INTERNAL`. See {@link
 * fetchErrorCodes} for each.
 */
export type FetchErrorCode = (typeof fetchErrorCodes)[number];

/** Every error code, in the order of the documentation, with its cause and its cure. */
export const fetchErrorCodes = [
  /** The URL cannot be parsed, has no scheme, or holds a control character. Correct the input. */
  'URL_INVALID',
  /** The scheme is neither `http:` nor `https:`. Correct the input. */
  'URL_SCHEME',
  /** The URL is longer than 65,536 characters. Send the data in a body. */
  'URL_TOO_LONG',
  /** The method, a header, the body or the id cannot be sent. The message names it; correct the input. */
  'REQUEST_INVALID',
  /** `addressGuard` forbids the address: it is not public. Switch the guard off if you trust the list. */
  'ADDRESS_BLOCKED',
  /** The host name does not exist, or has no address. Check its spelling. */
  'DNS_NOT_FOUND',
  /** The name server failed to answer properly. Try again; check the resolver if it lasts. */
  'DNS_TEMPORARY',
  /** The name was not resolved within `connectTimeoutMs`. Check the resolver, or allow more time. */
  'DNS_TIMEOUT',
  /** Nothing listens on that port, or a firewall refuses the connection. Check host, port and server. */
  'CONNECT_REFUSED',
  /**
   * No TCP connection within `connectTimeoutMs`: often a firewall that drops packets. Check the host, or allow more
   * time.
   */
  'CONNECT_TIMEOUT',
  /** There is no route to the host or its network. Check the network, or IPv6 if the address is one. */
  'CONNECT_UNREACHABLE',
  /** The connection was reset before it was established, TLS included. Try again, or ask for fewer at once. */
  'CONNECT_RESET',
  /** The certificate has expired. The server has to renew it; check the local date too. */
  'TLS_EXPIRED',
  /** The certificate is not valid yet. Check the local date. */
  'TLS_NOT_YET_VALID',
  /** The certificate is self-signed. Pass it as `tls.ca` if you trust it. */
  'TLS_SELF_SIGNED',
  /** The certificate's issuer is unknown, or an intermediate certificate is missing. Pass the issuer as `tls.ca`. */
  'TLS_UNTRUSTED',
  /** The certificate is for another host name. Use the name it was issued for. */
  'TLS_HOST',
  /** The server's key, signature or parameters are too weak for OpenSSL. The server has to be updated. */
  'TLS_WEAK',
  /**
   * The handshake failed: no common version or cipher, a client certificate is missing, or the port does not speak TLS.
   */
  'TLS_PROTOCOL',
  /** The handshake was not done within `connectTimeoutMs`. Try again, or allow more time. */
  'TLS_TIMEOUT',
  /** The proxy cannot be reached: its name, its port, or it closed the connection. Check the proxy's address. */
  'PROXY_CONNECT',
  /** The certificate of a proxy that is spoken to over TLS is not valid. Pass its issuer as `proxy.ca`. */
  'PROXY_TLS',
  /** The proxy wants a user name and a password, or other ones. Put them into its URL. */
  'PROXY_AUTH',
  /** The proxy does not connect to this server, or is no proxy. The message gives its answer. */
  'PROXY_REFUSED',
  /**
   * The server closed the connection before a whole response head. Try again; the server or a proxy may be overloaded.
   */
  'NO_RESPONSE',
  /** The connection was reset before a whole response head. Try again, or ask for fewer at once. */
  'CONN_RESET',
  /** No response head within `headersTimeoutMs`. The server is slow; allow more time. */
  'HEADERS_TIMEOUT',
  /** The body paused for longer than `idleTimeoutMs`. The server is slow or stalled; allow more time. */
  'BODY_TIMEOUT',
  /** The attempt was not done within `timeoutMs`. Allow more time, or ask for fewer at once. */
  'TIMEOUT',
  /** The request was not done within `urlDeadlineMs`, all attempts together. Allow more time. */
  'DEADLINE',
  /** The server sent something that is not valid HTTP. Check that the port speaks HTTP. */
  'HTTP_PROTOCOL',
  /** The response head is larger than 64 KB. The server has to send less. */
  'HEADERS_TOO_LARGE',
  /** The response has a `Content-Length` that contradicts itself. The server has to be corrected. */
  'LENGTH_MISMATCH',
  /** The connection ended in the middle of the body. Try again. */
  'BODY_TRUNCATED',
  /** The decoded body is longer than `maxBodyBytes`. Raise the limit. */
  'BODY_TOO_LARGE',
  /** The body does not have the checksum that its row or its server promised. Nothing of it is kept. */
  'CHECKSUM_MISMATCH',
  /** The body is not valid in its `Content-Encoding`. Ask for another one with `accept-encoding`. */
  'DECODE_FAILED',
  /**
   * The body has a `Content-Encoding` or a transfer coding that is not supported. Ask for another one with
   * `accept-encoding`.
   */
  'ENCODING_UNSUPPORTED',
  /** There are more redirects than `maxRedirects`. Raise the limit. */
  'REDIRECT_LIMIT',
  /** The redirects lead back to a URL that was requested before. The server often wants a cookie. */
  'REDIRECT_LOOP',
  /**
   * The `Location` is not a valid URL, or a 307 or 308 would send the body to another origin. Request the target
   * directly.
   */
  'REDIRECT_INVALID',
  /** The `Location` is neither `http:` nor `https:`. */
  'REDIRECT_SCHEME',
  /** The host has stopped answering and was given up; the request was not sent. Try again later. */
  'HOST_DOWN',
  /** The quota of the host is used up, and its reset is too far off to wait for. Try again after it. */
  'RATE_LIMITED',
  /**
   * `robots` is on, and the robots.txt of the host does not allow the URL, or cannot be read. The message says which line; the
   * URL was not requested.
   */
  'ROBOTS_DENIED',
  /** Our own process has no free file descriptor. Raise `ulimit -n`, or lower `concurrency`. */
  'LOCAL_FDS',
  /** Our own machine has no free port or buffer for a connection. Lower `concurrency` or the rate. */
  'LOCAL_PORTS',
  /** Our own machine ran out of memory. Lower `concurrency` or `maxBodyBytes`. */
  'LOCAL_MEMORY',
  /** A file could not be written: the disk or the quota is full. Free some space. */
  'DISK_FULL',
  /** A file could not be read or written. The message says which, and `cause` says why. */
  'FILE_IO',
  /**
   * A function of the caller's (a hook, `headers`, `proxy`, `expect`, a cookie jar, a body writer) threw, or gave something that
   * cannot be used. The message names it, `cause` is what it threw. Correct the function.
   */
  'HOOK_FAILED',
  /**
   * The request was cancelled: by a signal, by `close()`, or because its result was no longer wanted. `cause` is the
   * reason.
   */
  'ABORTED',
  /** A bug in fetchmany, or in a transport of the caller's. `cause` is the exception. */
  'INTERNAL',
] as const;

/** The codes that another attempt may cure. */
const retryable: ReadonlySet<FetchErrorCode> = new Set([
  'DNS_TEMPORARY',
  'DNS_TIMEOUT',
  'CONNECT_REFUSED',
  'CONNECT_TIMEOUT',
  'CONNECT_UNREACHABLE',
  'CONNECT_RESET',
  'TLS_TIMEOUT',
  'PROXY_CONNECT',
  'NO_RESPONSE',
  'CONN_RESET',
  'HEADERS_TIMEOUT',
  'BODY_TIMEOUT',
  'TIMEOUT',
  'BODY_TRUNCATED',
  'HOST_DOWN',
  'RATE_LIMITED',
  'LOCAL_FDS',
  'LOCAL_PORTS',
  'LOCAL_MEMORY',
]);

/** Tells whether an error is a shortage of our own machine and not a fault of the server. */
export function isLocalShortage(code: FetchErrorCode): boolean {
  return code.startsWith('LOCAL_');
}

/** The options of a {@link FetchError}. */
export interface FetchErrorOptions extends ErrorOptions {
  /** URL of the request, as its result shows it. */
  readonly url?: string;
  /** Position of the request in the input, from 0. */
  readonly index?: number;
  /** Whether another attempt may succeed. @default what `code` says */
  readonly retryable?: boolean;
}

/**
 * The error of a request that has no response. `code` is ours and stable; `cause` is the error of Node, OpenSSL or
 * undici.
 *
 * @example
 * ```ts
 * const result = await fetcher.fetch('https://example.com/');
 * if (result.kind === 'failure') console.error(result.error.code, result.error.url);
 * ```
 */
export class FetchError extends Error {
  /** The kind of error, one of {@link fetchErrorCodes}. */
  readonly code: FetchErrorCode;
  /** True if another attempt may succeed. Whether there was one also depends on the method. */
  readonly retryable: boolean;
  /** URL of the request, as its result shows it; absent in an error that belongs to no result. */
  declare readonly url?: string;
  /** Position of the request in the input, from 0; absent in an error that belongs to no result. */
  declare readonly index?: number;

  /** Makes an error. `retryable` follows from `code` unless it is given. */
  constructor(code: FetchErrorCode, message: string, options: FetchErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.retryable = options.retryable ?? retryable.has(code);
    if (options.url !== undefined) this.url = options.url;
    if (options.index !== undefined) this.index = options.index;
  }

  /** Returns this error as that of one request: itself, or a copy if it belongs to another one already. */
  forRequest(url: string, index: number): FetchError {
    if (this.url === url && this.index === index) return this;
    const { code, message, cause } = this;
    if (this.url !== undefined) return new FetchError(code, message, { cause, url, index, retryable: this.retryable });
    return Object.assign(this, { url, index });
  }

  /** Returns the error as plain data, as a record has it. */
  toJSON(): { code: FetchErrorCode; message: string; retryable: boolean } {
    return { code: this.code, message: this.message, retryable: this.retryable };
  }
}

nameError(FetchError, 'FetchError');
