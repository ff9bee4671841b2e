import { BoundedMap } from '../../../collections/bounded-map.ts';
import { FetchError } from '../../../http/error.ts';
import type { Proxy } from '../../../http/proxy.ts';
import type { FetchRequest } from '../../../http/request.ts';
import type { TransportOptions } from '../../options.ts';
import { addressOf } from '../endpoint.ts';
import type { Route } from '../route.ts';

/** Number of origins whose proxy is remembered. */
const maxOrigins = 10_000;

/** Chooses the route of each request. */
export class Routes {
  readonly #options: TransportOptions;
  readonly #exempt = new BoundedMap<string, boolean>(maxOrigins);

  constructor(options: TransportOptions) {
    this.#options = options;
  }

  /** Returns the route of a request, `undefined` for a direct connection, or the error that forbids to send it. */
  of(request: FetchRequest): Route | FetchError | undefined {
    const own = request.limits?.proxy;
    const { proxy: plan } = this.#options;
    if (own === undefined && plan === undefined) return undefined;
    if (own !== undefined && own !== 'none' && this.#options.addressGuard) return guarded('a proxy of its own');
    const proxy = own === undefined ? this.#planned(request) : own === 'none' ? undefined : own;
    if (proxy === undefined) return undefined;
    if (this.#options.addressGuard && proxy.scheme !== 'socks5') return guarded('a proxy that looks names up itself');
    return this.#through(proxy, request.origin);
  }

  #planned(request: FetchRequest): Proxy | undefined {
    const plan = this.#options.proxy!;
    return this.#isExempt(request.origin) ? undefined : plan.choose(request);
  }

  #isExempt(origin: string): boolean {
    const { isExempt } = this.#options.proxy!;
    if (isExempt === undefined) return false;
    let known = this.#exempt.get(origin);
    if (known === undefined) this.#exempt.set(origin, (known = isExempt(addressOf(origin))));
    return known;
  }

  #through(proxy: Proxy, origin: string): Route {
    const { proxy: plan, connect } = this.#options;
    const isForward =
      proxy.scheme.startsWith('http') &&
      origin.startsWith('http:') &&
      plan?.tunnelsAll !== true &&
      // The proxy would look for the server where the URL says it is.
      connect?.redirect(addressOf(origin)) === undefined;
    return { key: isForward ? proxy.key : `${proxy.key} ${origin}`, proxy, isForward };
  }
}

function guarded(what: string): FetchError {
  return new FetchError('ADDRESS_BLOCKED', `The request has ${what}, and only public addresses are allowed`);
}
