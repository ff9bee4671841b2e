/** What a connector is asked for. */
export interface Endpoint {
  readonly hostname: string;
  readonly protocol: string;
  readonly port: string;
  /** What may be spoken over TLS (ALPN), the best first. @default http/1.1 */
  readonly protocols?: readonly string[];
}
