import type { BodyReceiver } from '../http/body-writer.ts';

/** The options that transports read. Times are in milliseconds, sizes in bytes; `Infinity` is no limit. */
export interface TransportOptions {
  /** Requests in flight at once. It bounds how many idle connections are kept. */
  readonly concurrency: number;
  readonly connectTimeoutMs: number;
  readonly headersTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly maxBodyBytes: number;
  readonly maxBufferedBytes: number;
  readonly maxRedirects: number;
  readonly responseBody: 'buffer' | 'discard' | BodyReceiver;
  readonly isExpected: (status: number) => boolean;
  readonly tls: TlsOptions;
  readonly addressGuard: boolean;
}

/** Settings of TLS connections: verification and client certificate. */
export interface TlsOptions {
  /** False accepts any certificate. @default true */
  readonly rejectUnauthorized?: boolean;
  /** Certificates to trust in place of the built-in ones, in PEM. */
  readonly ca?: string | Uint8Array | readonly (string | Uint8Array)[];
  /** A client certificate, in PEM. */
  readonly cert?: string | Uint8Array;
  /** The key of the client certificate, in PEM. */
  readonly key?: string | Uint8Array;
}
