import { connect as connectTcp, isIP, type LookupFunction, type Socket } from 'node:net';
import {
  checkServerIdentity,
  connect as connectTls,
  createSecureContext,
  DEFAULT_CIPHERS,
  type ConnectionOptions,
  type PeerCertificate,
  type SecureContext,
  type TLSSocket,
} from 'node:tls';
import type { LookupAddress } from 'node:dns';
import { BoundedMap } from '../../collections/bounded-map.ts';
import { FetchError, type FetchErrorCode } from '../../http/error.ts';
import type { TransportOptions } from '../options.ts';
import type { Timings } from '../../http/result.ts';
import { publicOnly } from './address-guard.ts';
import type { Endpoint } from './endpoint.ts';
import type { ChooseTunnel, Tunnel } from './tunnel.ts';
import { connectError } from './connect-error.ts';
import type { DnsLookup } from './dns/lookup.ts';

/** Duration of each step of opening a connection, in milliseconds. */
export type ConnectTimings = Pick<Timings, 'dns' | 'connect' | 'tls'>;

type Connected = (socket: Socket | undefined, error: FetchError | undefined, timings: ConnectTimings) => void;

/** Opens a connection. The returned function abandons the attempt; no callback follows. */
export type Connector = (destination: Endpoint, connected: Connected) => () => void;

type Phase = 'dns' | 'connect' | 'tls';

const timeoutCodes: Readonly<Record<Phase, FetchErrorCode>> = {
  dns: 'DNS_TIMEOUT',
  connect: 'CONNECT_TIMEOUT',
  tls: 'TLS_TIMEOUT',
};

const phaseWords: Readonly<Record<Phase, string>> = {
  dns: 'the look-up of the name',
  connect: 'the connection',
  tls: 'the TLS handshake',
};

/** Creates a connector. It shares name lookups, tries all addresses, and its errors tell which step failed. */
export function createConnector(
  options: TransportOptions,
  lookup: DnsLookup,
  chooseTunnel: ChooseTunnel = () => undefined,
): Connector {
  const sessions = new BoundedMap<string, Buffer>(maxSessions);
  let context: SecureContext | undefined;
  const secureContext = (): SecureContext => (context ??= createContext(options.tls));
  const shared: Shared = { options, lookup, sessions, secureContext, chooseTunnel };
  return (destination, connected) => new ConnectAttempt(destination, connected, shared).abandon;
}

/** Certificates and keys are read once: a bundle of authorities takes some 60 ms of CPU time. */
function createContext({ ca, cert, key }: TransportOptions['tls']): SecureContext {
  return createSecureContext({
    ciphers,
    ...(ca === undefined ? {} : { ca: [ca].flat().map((pem) => Buffer.from(pem as string)) }),
    ...(cert === undefined ? {} : { cert: Buffer.from(cert as string) }),
    ...(key === undefined ? {} : { key: Buffer.from(key as string) }),
  });
}

interface Shared {
  readonly options: TransportOptions;
  readonly lookup: DnsLookup;
  /** TLS sessions for resumption, by host and port. */
  readonly sessions: BoundedMap<string, Buffer>;
  /** Returns the one context of all TLS connections. */
  readonly secureContext: () => SecureContext;
  readonly chooseTunnel: ChooseTunnel;
}

const maxSessions = 1000;
/** The delay before the next address is tried beside a silent one (RFC 8305 section 5). */
const attemptDelayMs = 250;

class ConnectAttempt {
  readonly #destination: Endpoint;
  readonly #connected: Connected;
  readonly #shared: Shared;
  readonly #tunnel: Tunnel | undefined;
  readonly #timings: ConnectTimings = {};
  readonly #timer: NodeJS.Timeout | undefined;
  #phase: Phase = 'dns';
  #since: number = performance.now();
  #leaveLookup: (() => void) | undefined;
  #socket: Socket | undefined;
  #isOver = false;

  constructor(destination: Endpoint, connected: Connected, shared: Shared) {
    this.#destination = destination;
    this.#connected = connected;
    this.#shared = shared;
    this.#tunnel = shared.chooseTunnel(destination);
    const { connectTimeoutMs } = shared.options;
    if (connectTimeoutMs !== Infinity) this.#timer = setTimeout(() => this.#timeOut(), connectTimeoutMs);
    const { hostname } = this.#tunnel ?? destination;
    const family = isIP(hostname);
    if (family > 0) {
      this.#open([{ address: hostname, family }]);
      return;
    }
    this.#leaveLookup = shared.lookup.resolve(hostname, (error, addresses) => {
      if (this.#isOver) return;
      if (error) return this.#fail(error);
      this.#step('connect');
      this.#open(addresses);
    });
  }

  readonly abandon = (): void => {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#leaveLookup?.();
    this.#socket?.destroy();
  };

  #open(found: readonly LookupAddress[]): void {
    this.#phase = 'connect';
    const addresses = this.#shared.options.addressGuard ? publicOnly(found) : found;
    if (addresses.length === 0) return this.#block(found[0]?.address ?? '');
    const isTls = this.#destination.protocol === 'https:';
    const port = Number(this.#destination.port) || (isTls ? 443 : 80);
    const tunnel = this.#tunnel;
    const tcp = {
      host: (tunnel ?? this.#destination).hostname,
      port: tunnel?.port ?? port,
      lookup: answerWith(addresses),
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: attemptDelayMs,
    };
    const { onread } = this.#destination;
    if (tunnel) this.#openTunnel(tunnel, this.#watch(connectTcp(tcp)), isTls ? port : undefined);
    else if (isTls) this.#openTls({ ...tcp, ...(onread && { onread }) }, port).once('connect', () => this.#step('tls'));
    else this.#watch(connectTcp({ ...tcp, ...(onread && { onread }) })).once('connect', () => this.#succeed());
  }

  /** `tlsPort` is the port of the destination if it is spoken to over TLS. */
  #openTunnel(tunnel: Tunnel, socket: Socket, tlsPort: number | undefined): void {
    const opened = (error?: FetchError): void => {
      if (this.#isOver) return;
      if (error) return this.#fail(error);
      if (tlsPort === undefined) return this.#succeed();
      this.#step('tls');
      this.#openTls({ socket }, tlsPort);
    };
    socket.once('connect', () => tunnel.open(socket, this.#destination, opened));
  }

  /** Makes a socket the present one: what befalls it befalls the attempt. */
  #watch<S extends Socket>(socket: S): S {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 60_000);
    socket.on('error', (error) => this.#fail(error));
    // A server that closes during the handshake causes no error event.
    socket.once('close', () => this.#fail(new Error('The connection was closed while it was being opened')));
    return socket;
  }

  #openTls(over: ConnectionOptions, port: number): TLSSocket {
    const socket = this.#watch(connectTls({ ...over, ...this.#tlsOptions(port) }));
    socket.once('secureConnect', () => this.#succeed());
    // Node only reports an alert after the handshake; without this, others would see just the close that follows.
    socket.on('error', (alert) => socket.destroy(alert));
    socket.on('session', (session) => this.#keepSession(session));
    return socket;
  }

  #tlsOptions(port: number): ConnectionOptions {
    const { tls } = this.#shared.options;
    const { hostname, protocols = ['http/1.1'] } = this.#destination;
    const session = this.#shared.sessions.get(`${hostname}:${port}`);
    return {
      rejectUnauthorized: tls.rejectUnauthorized ?? true,
      checkServerIdentity: checkNames,
      secureContext: this.#shared.secureContext(),
      ...(session ? { session } : {}),
      // An address is not a server name, nor is a trailing dot part of one (RFC 6066 section 3). An address is still
      // verified.
      servername: isIP(hostname) ? '' : hostname.replace(/\.$/, ''),
      ALPNProtocols: [...protocols],
      // Over a tunnel there is no host to connect to, but one to verify.
      host: hostname,
    };
  }

  #keepSession(session: Buffer): void {
    const key = `${this.#destination.hostname}:${Number(this.#destination.port) || 443}`;
    this.#shared.sessions.set(key, session);
  }

  #step(next: Phase): void {
    const now = performance.now();
    this.#timings[this.#phase] = now - this.#since;
    this.#since = now;
    this.#phase = next;
  }

  #succeed(): void {
    if (this.#isOver) return;
    this.#step(this.#phase);
    this.#finish(this.#socket, undefined);
  }

  #fail(cause: Error): void {
    if (this.#isOver) return;
    this.#socket?.destroy();
    const error = cause instanceof FetchError ? cause : connectError(cause, this.#phase, this.#destination);
    this.#finish(undefined, error);
  }

  #block(address: string): void {
    this.#socket?.destroy();
    const { hostname } = this.#destination;
    const what = address === hostname ? 'it' : `its address ${address}`;
    const message = `Cannot connect to ${hostname}: ${what} is not public, and only public addresses are allowed`;
    this.#finish(undefined, new FetchError('ADDRESS_BLOCKED', message));
  }

  #timeOut(): void {
    this.#leaveLookup?.();
    const code = timeoutCodes[this.#phase];
    const ms = this.#shared.options.connectTimeoutMs;
    this.#socket?.destroy();
    this.#finish(
      undefined,
      new FetchError(
        code,
        `Cannot connect to ${this.#destination.hostname}: ${phaseWords[this.#phase]} took longer than ${ms} ms`,
      ),
    );
  }

  #finish(socket: Socket | undefined, error: FetchError | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#connected(socket, error, this.#timings);
  }
}

// Node 22 still accepts keys of 1024 bits. A level set by the user (`--tls-cipher-list`) is respected.
const ciphers = DEFAULT_CIPHERS.includes('@SECLEVEL') ? DEFAULT_CIPHERS : `${DEFAULT_CIPHERS}:@SECLEVEL=2`;

/** Checks names as Node does, but ignores the common name (RFC 9525 section 2). */
function checkNames(host: string, certificate: PeerCertificate): Error | undefined {
  return checkServerIdentity(host, { ...certificate, subject: {} });
}

/** Creates a lookup function with a known answer. Node's sockets try the addresses in turn (RFC 8305). */
function answerWith(addresses: readonly LookupAddress[]): LookupFunction {
  return (_name, options, callback) => {
    if (options.all) callback(null, [...addresses]);
    else callback(null, addresses[0]?.address ?? '', addresses[0]?.family);
  };
}
