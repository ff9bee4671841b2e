import type { Socket } from 'node:net';
import type { FetchError } from '../../../http/error.ts';
import type { Proxy } from '../../../http/proxy.ts';
import type { HostAndPort } from '../endpoint.ts';
import { HttpConnect } from './http-connect.ts';
import { Socks5 } from './socks5.ts';

/**
 * Asks a proxy for a way to a server, over a connection to that proxy, and calls back once. Then each byte on the socket is to and
 * from the server, those included that came with the proxy's answer, and the socket is paused. No callback follows if the socket
 * breaks.
 */
export function shakeHands(
  socket: Socket,
  proxy: Proxy,
  server: HostAndPort,
  opened: (error?: FetchError) => void,
): void {
  const handshake = proxy.scheme.startsWith('socks') ? new Socks5(proxy, server) : new HttpConnect(proxy, server);
  let unread = Buffer.alloc(0);

  function onData(chunk: Buffer): void {
    unread = Buffer.concat([unread, chunk]);
    for (;;) {
      const progress = handshake.read(unread);
      if (progress.kind === 'more') {
        unread = unread.subarray(progress.used ?? 0);
        if (progress.say) socket.write(progress.say);
        if (progress.used === undefined) return;
        continue;
      }
      socket.pause();
      socket.off('data', onData);
      if (progress.kind === 'failed') return opened(progress.error);
      if (unread.length > progress.used) socket.unshift(unread.subarray(progress.used));
      return opened();
    }
  }

  socket.on('data', onData);
  socket.write(handshake.hello);
}
