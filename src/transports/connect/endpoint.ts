/** The target of a connection. */
export interface Endpoint {
  readonly hostname: string;
  readonly protocol: string;
  readonly port: string;
  /** Protocols to offer over TLS (ALPN), the preferred one first. @default http/1.1 */
  readonly protocols?: readonly string[];
}
