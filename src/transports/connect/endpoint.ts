import type { OnReadOpts } from 'node:net';
import type { Route } from './route.ts';

/** The target of a connection. */
export interface Endpoint {
  readonly hostname: string;
  readonly protocol: string;
  readonly port: string;
  /** Protocols to offer over TLS (ALPN), the preferred one first. @default http/1.1 */
  readonly protocols?: readonly string[];
  /** Where the reads of the socket go. Without it the socket is an ordinary stream. */
  readonly onread?: OnReadOpts;
  /** The way through a proxy. Without it the connection is direct. */
  readonly route?: Route | undefined;
}

/** A host, a name or an address without brackets, and its port. */
export interface HostAndPort {
  readonly hostname: string;
  readonly port: number;
}

/** Returns the endpoint of an origin. */
export function endpointOf(origin: string, route?: Route): Endpoint {
  const { protocol, hostname, port } = new URL(origin);
  return { protocol, hostname: hostname.replace(/^\[(.*)\]$/, '$1'), port, ...(route && { route }) };
}

/** Returns the host and the port of an endpoint. */
export function hostAndPort({ protocol, hostname, port }: Endpoint): HostAndPort {
  return { hostname, port: Number(port) || (protocol === 'https:' ? 443 : 80) };
}

/** Returns the host and the port of an origin. */
export function addressOf(origin: string): HostAndPort {
  return hostAndPort(endpointOf(origin));
}
