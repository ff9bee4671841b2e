/** Every code a {@link FetchError} can have. The list is closed: a fault we do not know is `INTERNAL`. */
export type FetchErrorCode = (typeof fetchErrorCodes)[number];

/** All of them. */
export const fetchErrorCodes = [
  'URL_INVALID',
  'URL_SCHEME',
  'URL_TOO_LONG',
  'REQUEST_INVALID',
  'ADDRESS_BLOCKED',
  'DNS_NOT_FOUND',
  'DNS_TEMPORARY',
  'DNS_TIMEOUT',
  'CONNECT_REFUSED',
  'CONNECT_TIMEOUT',
  'CONNECT_UNREACHABLE',
  'CONNECT_RESET',
  'TLS_EXPIRED',
  'TLS_NOT_YET_VALID',
  'TLS_SELF_SIGNED',
  'TLS_UNTRUSTED',
  'TLS_HOST',
  'TLS_WEAK',
  'TLS_PROTOCOL',
  'TLS_TIMEOUT',
  'NO_RESPONSE',
  'CONN_RESET',
  'HEADERS_TIMEOUT',
  'BODY_TIMEOUT',
  'TIMEOUT',
  'DEADLINE',
  'HTTP_PROTOCOL',
  'HEADERS_TOO_LARGE',
  'LENGTH_MISMATCH',
  'BODY_TRUNCATED',
  'BODY_TOO_LARGE',
  'CHECKSUM_MISMATCH',
  'DECODE_FAILED',
  'ENCODING_UNSUPPORTED',
  'REDIRECT_LIMIT',
  'REDIRECT_LOOP',
  'REDIRECT_INVALID',
  'REDIRECT_SCHEME',
  'LOCAL_FDS',
  'LOCAL_PORTS',
  'LOCAL_MEMORY',
  'DISK_FULL',
  'FILE_IO',
  'ABORTED',
  'INTERNAL',
] as const;

/** The faults that another try may mend. */
const retryable: ReadonlySet<FetchErrorCode> = new Set([
  'DNS_TEMPORARY',
  'DNS_TIMEOUT',
  'CONNECT_REFUSED',
  'CONNECT_TIMEOUT',
  'CONNECT_UNREACHABLE',
  'CONNECT_RESET',
  'TLS_TIMEOUT',
  'NO_RESPONSE',
  'CONN_RESET',
  'HEADERS_TIMEOUT',
  'BODY_TIMEOUT',
  'TIMEOUT',
  'BODY_TRUNCATED',
  'LOCAL_FDS',
  'LOCAL_PORTS',
  'LOCAL_MEMORY',
]);

/** Tells whether an error is a shortage of our own machine, and no server's fault. */
export function isLocalShortage(code: FetchErrorCode): boolean {
  return code.startsWith('LOCAL_');
}

/**
 * Why a request has no response. `code` is ours and stable; whatever Node, OpenSSL or undici said is in `cause`.
 * `retryable` is a property of the fault, not of the method: whether it was retried also depends on that.
 */
export class FetchError extends Error {
  readonly code: FetchErrorCode;
  readonly retryable: boolean;

  constructor(code: FetchErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.retryable = retryable.has(code);
  }

  /** The error as it stands in a record. */
  toJSON(): { code: FetchErrorCode; message: string; retryable: boolean } {
    return { code: this.code, message: this.message, retryable: this.retryable };
  }
}

// On the prototype, as the built-in errors have it: an own `name` would show up in every print of an error.
Object.defineProperty(FetchError.prototype, 'name', { value: 'FetchError', configurable: true, writable: true });
