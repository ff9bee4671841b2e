import { isIP } from 'node:net';
import {
  checkServerIdentity,
  connect,
  createSecureContext,
  DEFAULT_CIPHERS,
  getCACertificates,
  type ConnectionOptions,
  type PeerCertificate,
  type SecureContext,
  type TLSSocket,
} from 'node:tls';
import { BoundedMap } from '../../collections/bounded-map.ts';
import type { TlsOptions } from '../options.ts';
import type { HostAndPort } from './endpoint.ts';

const maxSessions = 1000;

/** Opens TLS connections with one configuration: they share a secure context, and sessions that can be resumed. */
export class TlsClient {
  readonly #options: TlsOptions;
  /** Sessions by host and port. */
  readonly #sessions = new BoundedMap<string, Buffer>(maxSessions);
  #context: SecureContext | undefined;

  constructor(options: TlsOptions) {
    this.#options = options;
  }

  /** Begins a handshake with a server, over a new TCP connection or over a socket that is open. */
  connect(over: ConnectionOptions, to: HostAndPort, protocols: readonly string[] = ['http/1.1']): TLSSocket {
    const { hostname, port } = to;
    const key = `${hostname}:${port}`;
    const session = this.#sessions.get(key);
    this.#context ??= createContext(this.#options);
    const socket = connect({
      ...over,
      rejectUnauthorized: this.#options.rejectUnauthorized ?? true,
      checkServerIdentity: checkNames,
      secureContext: this.#context,
      ...(session ? { session } : {}),
      // An address is not a server name, nor is a trailing dot part of one (RFC 6066 section 3). An address is still
      // verified.
      servername: isIP(hostname) ? '' : hostname.replace(/\.$/, ''),
      ALPNProtocols: [...protocols],
      // The name to verify, which over a tunnel is not the one to connect to.
      host: hostname,
    });
    // Node only reports an alert after the handshake; without this, others would see just the close that follows.
    socket.on('error', (alert) => socket.destroy(alert));
    socket.on('session', (fresh) => this.#sessions.set(key, fresh));
    return socket;
  }
}

/** Certificates and keys are read once: a bundle of authorities takes some 60 ms of CPU time. */
function createContext({ ca, cert, key }: TlsOptions): SecureContext {
  return createSecureContext({
    ciphers,
    ...(ca === undefined ? {} : { ca: authorities([ca].flat()) }),
    ...(cert === undefined ? {} : { cert: Buffer.from(cert as string) }),
    ...(key === undefined ? {} : { key: Buffer.from(key as string) }),
  });
}

/** The word `system` adds the certificates of the operating system, and Node's own, to the others. */
function authorities(given: readonly (string | Uint8Array)[]): Buffer[] {
  return given.flatMap((each) =>
    each === 'system'
      ? [...getCACertificates('default'), ...getCACertificates('system')].map((pem) => Buffer.from(pem))
      : [Buffer.from(each as string)],
  );
}

// Node 22 still accepts keys of 1024 bits. A level set by the user (`--tls-cipher-list`) is respected.
const ciphers = DEFAULT_CIPHERS.includes('@SECLEVEL') ? DEFAULT_CIPHERS : `${DEFAULT_CIPHERS}:@SECLEVEL=2`;

/** Checks names as Node does, but ignores the common name (RFC 9525 section 2). */
function checkNames(host: string, certificate: PeerCertificate): Error | undefined {
  return checkServerIdentity(host, { ...certificate, subject: {} });
}
