import type { OnReadOpts } from 'node:net';

/** The target of a connection. */
export interface Endpoint {
  readonly hostname: string;
  readonly protocol: string;
  readonly port: string;
  /** Protocols to offer over TLS (ALPN), the preferred one first. @default http/1.1 */
  readonly protocols?: readonly string[];
  /** Where the reads of the socket go. Without it the socket is an ordinary stream. */
  readonly onread?: OnReadOpts;
}
