import type { Route } from './route.ts';

/** The IP address of the server that a socket is connected to; undefined through a proxy, and for a socket of another kind. */
export function serverAddress(
  socket: { readonly remoteAddress?: string | undefined } | undefined,
  route: Route | undefined,
): string | undefined {
  return route === undefined ? socket?.remoteAddress : undefined;
}
