import type { IncomingMessage, ServerResponse } from 'node:http';

/** One request with its answer, and what the router read from its path. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly path: string;
  /** What follows the `?`, undecoded. */
  readonly search: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Answers one request. What it throws becomes a 400 or 500. */
export type Handler = (exchange: Exchange) => void | Promise<void>;

/** The query, parsed only for the routes that ask. */
export function queryOf({ search }: Exchange): URLSearchParams {
  return new URLSearchParams(search);
}

/** Scheme, name and port as the client knows them. */
export function originOf({ request }: Exchange): string {
  const { localAddress = '', localPort = 0 } = request.socket;
  // Only HTTP/1.0 may come without a Host.
  return `http://${request.headers.host ?? `${bracketed(localAddress)}:${localPort}`}`;
}

/** An address as it stands in a URL. */
export function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
