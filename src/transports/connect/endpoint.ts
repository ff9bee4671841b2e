import type { OnReadOpts } from 'node:net';

/** What a connector is asked for. */
export interface Endpoint {
  readonly hostname: string;
  readonly protocol: string;
  readonly port: string;
  /** What may be spoken over TLS (ALPN), the best first. @default http/1.1 */
  readonly protocols?: readonly string[];
  /** Where the reads of the socket go. Without it the socket is an ordinary stream. */
  readonly onread?: OnReadOpts;
}
