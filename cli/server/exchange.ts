import type { IncomingMessage, ServerResponse } from 'node:http';

/** A request, its response, and the parameters that the router found in the path. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly path: string;
  /** The text after `?`, undecoded. */
  readonly search: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Answers one request. A thrown error becomes a 400 or 500. */
export type Handler = (exchange: Exchange) => void | Promise<void>;

/** Parses the query. Not done in advance: few routes need it. */
export function queryOf({ search }: Exchange): URLSearchParams {
  return new URLSearchParams(search);
}

/** Returns the origin as the client knows it. */
export function originOf({ request }: Exchange): string {
  const { localAddress = '', localPort = 0 } = request.socket;
  // Only an HTTP/1.0 request may lack a Host header.
  return `http://${request.headers.host ?? `${bracketed(localAddress)}:${localPort}`}`;
}

/** Formats an address for a URL: IPv6 in brackets. */
export function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
