import type { Socket } from 'node:net';
import type { FetchError } from '../../http/error.ts';
import type { Endpoint } from './endpoint.ts';

/** A way to a destination through another server: the step between TCP and TLS. */
export interface Tunnel {
  /** The server to connect to in place of the destination. Its name is looked up, and its addresses are guarded. */
  readonly hostname: string;
  readonly port: number;
  /**
   * Opens the way over a connection to that server, and calls back once: then each byte on the socket is to and from the
   * destination, and none has been read too many. Must not call back after the socket was destroyed.
   */
  open(socket: Socket, destination: Endpoint, opened: (error?: FetchError) => void): void;
}

/** Chooses the tunnel for a destination. `undefined` connects directly. */
export type ChooseTunnel = (destination: Endpoint) => Tunnel | undefined;
