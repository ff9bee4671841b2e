import type { BodyReceiver } from '../http/body-writer.ts';
import type { Expectations } from '../http/expectations.ts';
import type { Proxy } from '../http/proxy.ts';
import type { FetchRequest } from '../http/request.ts';
import type { IsExempt } from './connect/proxy/no-proxy.ts';
import type { Where } from './connect/where.ts';

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
  /** What else is expected of a response; undefined if nothing is. */
  readonly expectations: Expectations | undefined;
  readonly tls: TlsOptions;
  readonly addressGuard: boolean;
  /** How requests find their proxy; undefined if only a request's own counts. */
  readonly proxy: ProxyPlan | undefined;
  /** Undefined connects as the URL and the system say. */
  readonly connect: Where | undefined;
}

/** How requests find their proxy. */
export interface ProxyPlan {
  /** Returns the proxy of a request. A function of the caller's may throw. */
  readonly choose: (request: FetchRequest) => Proxy | undefined;
  /** Hosts that are reached directly; undefined if there are none. */
  readonly isExempt: IsExempt | undefined;
  /** Asks the proxy for a tunnel also for `http:` URLs. */
  readonly tunnelsAll: boolean;
  /** Certificates to trust in a proxy. */
  readonly ca: TlsOptions['ca'];
}

/** Settings of TLS connections: verification and client certificate. */
export interface TlsOptions {
  /** False accepts any certificate. @default true */
  readonly rejectUnauthorized?: boolean;
  /** Certificates to trust in place of the built-in ones, in PEM; `'system'` stands for the built-in and the system's. */
  readonly ca?: string | Uint8Array | readonly (string | Uint8Array)[];
  /** A client certificate, in PEM. */
  readonly cert?: string | Uint8Array;
  /** The key of the client certificate, in PEM. */
  readonly key?: string | Uint8Array;
}
