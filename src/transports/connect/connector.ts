import type { LookupAddress } from 'node:dns';
import {
  connect as connectTcp,
  isIP,
  type IpcSocketConnectOpts,
  type LookupFunction,
  type Socket,
  type TcpSocketConnectOpts,
} from 'node:net';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { FetchError } from '../../http/error.ts';
import type { Proxy } from '../../http/proxy.ts';
import type { Timings } from '../../http/result.ts';
import type { TransportOptions } from '../options.ts';
import { publicOnly } from './address-guard.ts';
import { blockedError, connectError, timeoutError, type ConnectPhase } from './connect-error.ts';
import type { DnsLookup } from './dns/lookup.ts';
import { hostAndPort, type Endpoint, type HostAndPort } from './endpoint.ts';
import type { Route } from './route.ts';
import { TlsClient } from './tls-client.ts';

/** Duration of each step of opening a connection, in milliseconds. */
export type ConnectTimings = Pick<Timings, 'dns' | 'connect' | 'proxy' | 'tls'>;

type Connected = (socket: Socket | undefined, error: FetchError | undefined, timings: ConnectTimings) => void;

/** Opens a connection. The returned function abandons the attempt; no callback follows. */
export type Connector = (destination: Endpoint, connected: Connected) => () => void;

/** Creates a connector. It shares name lookups, tries all addresses, and its errors tell which step failed. */
export function createConnector(options: TransportOptions, lookup: DnsLookup): Connector {
  const tls = new TlsClient(options.tls);
  const proxyTls = new TlsClient({ ...(options.proxy?.ca !== undefined && { ca: options.proxy.ca }) });
  const shared: Shared = { options, lookup, tls, proxyTls };
  return (destination, connected) => new ConnectAttempt(destination, connected, shared).abandon;
}

interface Shared {
  readonly options: TransportOptions;
  readonly lookup: DnsLookup;
  readonly tls: TlsClient;
  /** For proxies that are spoken to over TLS. */
  readonly proxyTls: TlsClient;
}

/** The delay before the next address is tried beside a silent one (RFC 8305 section 5). */
const attemptDelayMs = 250;
/** The time for a further attempt at addresses that were left for the next one. */
const lastAttemptMs = 1000;

class ConnectAttempt {
  readonly #destination: Endpoint;
  readonly #connected: Connected;
  readonly #shared: Shared;
  readonly #timings: ConnectTimings = {};
  readonly #timer: NodeJS.Timeout | undefined;
  /** Where the server is: the destination's own host and port, unless `connect` says otherwise. */
  readonly #server: HostAndPort;
  #phase: ConnectPhase = 'dns';
  #since: number = performance.now();
  #leaveLookup: (() => void) | undefined;
  #socket: Socket | undefined;
  /** Addresses that Node has left for the next one: they were silent, or we were too busy to hear them. */
  readonly #left: LookupAddress[] = [];
  /** Connects to those that were left; undefined once that was done, and where there is one address. */
  #dialAgain: (() => void) | undefined;
  /** Why none of the others could be connected to, and the socket that is over by that. */
  #firstCause: Error | undefined;
  #firstSocket: Socket | undefined;
  #lastTimer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(destination: Endpoint, connected: Connected, shared: Shared) {
    this.#destination = destination;
    this.#connected = connected;
    this.#shared = shared;
    const { connectTimeoutMs, connect } = shared.options;
    if (connectTimeoutMs !== Infinity) this.#timer = setTimeout(() => this.#timeOut(), connectTimeoutMs);
    const own = hostAndPort(destination);
    this.#server = connect?.redirect(own) ?? own;
    if (destination.route) this.#openRoute(destination.route);
    else if (connect?.unixSocket !== undefined) this.#openServer({ path: connect.unixSocket });
    else this.#find(this.#server, (addresses) => this.#dial(this.#server, addresses, (tcp) => this.#openServer(tcp)));
  }

  readonly abandon = (): void => {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#clearTimers();
    this.#leaveLookup?.();
    this.#socket?.destroy();
  };

  /** Finds the addresses of the server. The guard lets only public ones pass. */
  #find(server: HostAndPort, found: (addresses: readonly LookupAddress[]) => void): void {
    this.#resolve(server, (all) => {
      const addresses = this.#shared.options.addressGuard ? publicOnly(all) : all;
      if (addresses.length > 0) return found(addresses);
      this.#finish(undefined, blockedError(this.#destination.hostname, all[0]?.address ?? ''));
    });
  }

  #resolve({ hostname, port }: HostAndPort, found: (addresses: readonly LookupAddress[]) => void): void {
    const family = isIP(hostname);
    const known = this.#shared.options.connect?.addressesOf({ hostname, port });
    if (known) return found(known);
    if (family > 0) return found([{ address: hostname, family }]);
    this.#leaveLookup = this.#shared.lookup.resolve(hostname, (error, addresses) => {
      if (this.#isOver) return;
      if (error) return this.#fail(error);
      this.#endStep();
      found(addresses);
    });
  }

  /** Opens a TCP connection to one of the addresses, from the local address that was asked for. */
  #dial(
    { hostname, port }: HostAndPort,
    found: readonly LookupAddress[],
    open: (tcp: TcpSocketConnectOpts) => void,
  ): void {
    this.#phase = this.#phase === 'proxyDns' ? 'proxyConnect' : 'connect';
    const bound = this.#shared.options.connect?.bind(found);
    const addresses = bound?.addresses ?? found;
    if (addresses.length === 0) return this.#fail(noCommonFamily());
    const dial = (some: readonly LookupAddress[]): void =>
      open({
        // An address is not looked up, so that another one has to be named.
        host: isIP(hostname) > 0 ? some[0]!.address : hostname,
        port,
        lookup: answerWith(some),
        autoSelectFamily: true,
        autoSelectFamilyAttemptTimeout: attemptDelayMs,
        ...(bound && { localAddress: bound.localAddress }),
      });
    if (addresses.length > 1) this.#dialAgain = () => dial(this.#left);
    dial(addresses);
  }

  #openServer(to: TcpSocketConnectOpts | IpcSocketConnectOpts): void {
    this.#phase = 'connect';
    const { protocol, onread } = this.#destination;
    const over = { ...to, ...(onread && { onread }) };
    if (protocol !== 'https:') this.#watch(connectTcp(over)).once('connect', () => this.#succeed());
    else this.#openTls(over).once('connect', () => this.#step('tls'));
  }

  #openRoute(route: Route): void {
    if (route.proxy.scheme !== 'socks5') return this.#openProxy(route, this.#server);
    // This kind gets an address, which was looked up here.
    this.#find(this.#server, (addresses) => {
      const { address } = addresses.find(({ family }) => family === 4) ?? addresses[0]!;
      this.#openProxy(route, { hostname: address, port: this.#server.port });
    });
  }

  #openProxy(route: Route, server: HostAndPort): void {
    const { proxy, isForward } = route;
    this.#phase = 'proxyDns';
    const reached = (): void => (isForward ? this.#succeed() : this.#openTunnel(proxy, server));
    this.#resolve(proxy, (addresses) =>
      this.#dial(proxy, addresses, (tcp) => {
        const { onread } = this.#destination;
        const over = { ...tcp, ...(isForward && onread && { onread }) };
        if (proxy.scheme !== 'https') this.#watch(connectTcp(over)).once('connect', reached);
        else this.#openProxyTls(over, proxy).once('secureConnect', reached);
      }),
    );
  }

  #openProxyTls(over: ConnectionOptions, proxy: HostAndPort): TLSSocket {
    const socket = this.#watch(this.#shared.proxyTls.connect(over, proxy));
    return socket.once('connect', () => this.#step('proxyTls'));
  }

  #openTunnel(proxy: Proxy, server: HostAndPort): void {
    const socket = this.#socket!;
    this.#step('proxy');
    const opened = (error?: FetchError): void => {
      if (this.#isOver) return;
      if (error) return this.#fail(error);
      if (this.#destination.protocol !== 'https:') return this.#succeed();
      this.#step('tls');
      this.#openTls({ socket });
    };
    // Most fetchers have no use for the handshakes.
    import('./proxy/shake-hands.ts').then(
      ({ shakeHands }) => this.#isOver || shakeHands(socket, proxy, server, opened),
      (cause: Error) => this.#fail(cause),
    );
  }

  /** Makes a socket the present one: what befalls it befalls the attempt. */
  #watch<S extends Socket>(socket: S): S {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 60_000);
    const fail = (error: Error): void => {
      if (socket !== this.#firstSocket) this.#fail(error);
    };
    socket.on('error', fail);
    // A server that closes during the handshake causes no error event.
    socket.once('close', () => fail(new Error('The connection was closed while it was being opened')));
    if (this.#dialAgain !== undefined)
      socket.on('connectionAttemptTimeout', (address, _port, family) => this.#left.push({ address, family }));
    return socket;
  }

  #openTls(over: ConnectionOptions): TLSSocket {
    // Its name is verified, wherever it is connected to.
    const named = hostAndPort(this.#destination);
    const socket = this.#watch(this.#shared.tls.connect(over, named, this.#destination.protocols));
    return socket.once('secureConnect', () => this.#succeed());
  }

  #step(next: ConnectPhase): void {
    this.#endStep();
    this.#phase = next;
  }

  /** Adds the time since the last step to the present one. */
  #endStep(): void {
    const now = performance.now();
    const name = timingNames[this.#phase];
    this.#timings[name] = (this.#timings[name] ?? 0) + now - this.#since;
    this.#since = now;
  }

  #succeed(): void {
    if (this.#isOver) return;
    this.#endStep();
    this.#finish(this.#socket, undefined);
  }

  #fail(cause: Error): void {
    if (this.#isOver) return;
    this.#socket?.destroy();
    if (this.#isConnecting && this.#left.length > 0 && this.#dialAgain !== undefined) return this.#tryLeft(cause);
    const told = (this.#isConnecting ? this.#firstCause : undefined) ?? cause;
    const error = told instanceof FetchError ? told : connectError(told, this.#phase, this.#destination);
    this.#finish(undefined, error);
  }

  /**
   * Makes a further attempt at the addresses that were left. Node closes an attempt after 250 ms, where RFC 8305 goes on
   * with it beside the next one; and 250 ms are over at once where this process did not get to look at its sockets.
   */
  #tryLeft(cause: Error): void {
    const dialAgain = this.#dialAgain!;
    this.#dialAgain = undefined;
    this.#firstCause = cause;
    this.#firstSocket = this.#socket;
    // The sockets are looked at once more between a timer and this.
    const giveUp = (): void => void setImmediate(() => this.#isConnecting && this.#fail(cause));
    this.#lastTimer = setTimeout(giveUp, lastAttemptMs);
    dialAgain();
  }

  get #isConnecting(): boolean {
    return this.#phase === 'connect' || this.#phase === 'proxyConnect';
  }

  #timeOut(): void {
    this.#leaveLookup?.();
    this.#socket?.destroy();
    this.#finish(undefined, timeoutError(this.#phase, this.#destination, this.#shared.options.connectTimeoutMs));
  }

  #clearTimers(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#lastTimer);
  }

  #finish(socket: Socket | undefined, error: FetchError | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#clearTimers();
    this.#connected(socket, error, this.#timings);
  }
}

const timingNames: Readonly<Record<ConnectPhase, keyof ConnectTimings>> = {
  dns: 'dns',
  connect: 'connect',
  proxyDns: 'dns',
  proxyConnect: 'connect',
  proxyTls: 'proxy',
  proxy: 'proxy',
  tls: 'tls',
};

function noCommonFamily(): Error {
  return Object.assign(new Error('The local address is of another IP version'), { code: 'EAFNOSUPPORT' });
}

/** Creates a lookup function with a known answer. Node's sockets try the addresses in turn (RFC 8305). */
function answerWith(addresses: readonly LookupAddress[]): LookupFunction {
  return (_name, options, callback) => {
    if (options.all) callback(null, [...addresses]);
    else callback(null, addresses[0]?.address ?? '', addresses[0]?.family);
  };
}
