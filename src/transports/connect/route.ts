import type { Proxy } from '../../http/proxy.ts';

/** A way through a proxy. A direct connection has none. */
export interface Route {
  /** Connections whose routes have equal keys can take each other's requests. It holds secrets. */
  readonly key: string;
  readonly proxy: Proxy;
  /** True if the proxy itself reads the requests; false if it only passes bytes on. */
  readonly isForward: boolean;
}
