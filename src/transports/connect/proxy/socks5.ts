import { isIP } from 'node:net';
import { FetchError, type FetchErrorCode } from '../../../http/error.ts';
import type { Proxy } from '../../../http/proxy.ts';
import type { HostAndPort } from '../endpoint.ts';
import type { Handshake, Progress } from './handshake.ts';
import { proxyWantsCredentials } from './proxy-credentials.ts';

const version = 5;
const method = { none: 0, password: 2, unacceptable: 0xff } as const;
const addressType = { ipv4: 1, name: 3, ipv6: 4 } as const;

/** The failures of RFC 1928 section 6. The proxy speaks for the server: 3 to 6 are about that. */
const failures = new Map<number, readonly [code: FetchErrorCode, words: string]>([
  [1, ['PROXY_REFUSED', 'general failure']],
  [2, ['PROXY_REFUSED', 'not allowed by its rules']],
  [3, ['CONNECT_UNREACHABLE', 'network unreachable']],
  [4, ['CONNECT_UNREACHABLE', 'host unreachable']],
  [5, ['CONNECT_REFUSED', 'connection refused']],
  [6, ['CONNECT_UNREACHABLE', 'TTL expired']],
  [7, ['PROXY_REFUSED', 'command not supported']],
  [8, ['PROXY_REFUSED', 'address type not supported']],
]);

/** Asks a SOCKS5 proxy for a connection (RFC 1928), with user name and password if it wants them (RFC 1929). */
export class Socks5 implements Handshake {
  readonly hello: Buffer;
  readonly #proxy: Proxy;
  readonly #server: HostAndPort;
  #step: 'method' | 'password' | 'reply' = 'method';

  constructor(proxy: Proxy, server: HostAndPort) {
    this.#proxy = proxy;
    this.#server = server;
    const methods = proxy.credentials ? [method.none, method.password] : [method.none];
    this.hello = Buffer.from([version, methods.length, ...methods]);
  }

  read(bytes: Buffer): Progress {
    if (bytes.length < 2) return bytes.length === 1 && !this.#speaksSocks(bytes) ? this.#notSocks() : { kind: 'more' };
    if (this.#step === 'password') return this.#onPassword(bytes);
    if (!this.#speaksSocks(bytes)) return this.#notSocks();
    return this.#step === 'method' ? this.#onMethod(bytes[1]!) : this.#onReply(bytes);
  }

  #onMethod(chosen: number): Progress {
    if (chosen === method.none) return this.#ask();
    if (chosen === method.password && this.#proxy.credentials) {
      this.#step = 'password';
      return { kind: 'more', used: 2, say: passwordMessage(this.#proxy.credentials) };
    }
    if (chosen === method.unacceptable) return { kind: 'failed', error: proxyWantsCredentials(this.#proxy) };
    return this.#failed('PROXY_REFUSED', 'it chose an authentication method that was not offered');
  }

  #onPassword(bytes: Buffer): Progress {
    if (bytes[1] === 0) return this.#ask();
    return { kind: 'failed', error: proxyWantsCredentials(this.#proxy) };
  }

  #ask(): Progress {
    if (Buffer.byteLength(this.#server.hostname) > 255) return this.#failed('DNS_NOT_FOUND', 'the name is too long');
    this.#step = 'reply';
    return { kind: 'more', used: 2, say: connectMessage(this.#server) };
  }

  #onReply(bytes: Buffer): Progress {
    const reply = bytes[1]!;
    if (reply !== 0) {
      const [code, words] = failures.get(reply) ?? (['PROXY_REFUSED', `reply ${reply}`] as const);
      return this.#failed(code, words);
    }
    if (bytes.length < 5) return { kind: 'more' };
    const length = { 1: 4, 3: 1 + bytes[4]!, 4: 16 }[bytes[3]!];
    if (length === undefined) return this.#notSocks();
    // Version, reply, a reserved byte and the type of the address; the address and its port, which nobody needs.
    const used = 4 + length + 2;
    return bytes.length < used ? { kind: 'more' } : { kind: 'open', used };
  }

  /** The answer to a password has another version, which servers do not agree on. */
  #speaksSocks(bytes: Buffer): boolean {
    return this.#step === 'password' || bytes[0] === version;
  }

  #notSocks(): Progress {
    return this.#failed('PROXY_REFUSED', 'its response is not SOCKS5');
  }

  #failed(code: FetchErrorCode, why: string): Progress {
    const { hostname, port } = this.#server;
    const message = `The proxy ${this.#proxy.name} cannot connect to ${hostname}:${port}: ${why}`;
    return { kind: 'failed', error: new FetchError(code, message) };
  }
}

function passwordMessage({ username, password }: NonNullable<Proxy['credentials']>): Buffer {
  return Buffer.concat([Buffer.of(1), withLength(username), withLength(password)]);
}

function connectMessage({ hostname, port }: HostAndPort): Buffer {
  return Buffer.concat([Buffer.of(version, 1, 0), addressOf(hostname), Buffer.of(port >> 8, port & 0xff)]);
}

function addressOf(hostname: string): Buffer {
  switch (isIP(hostname)) {
    case 4:
      return Buffer.from([addressType.ipv4, ...hostname.split('.').map(Number)]);
    case 6:
      return Buffer.concat([Buffer.of(addressType.ipv6), ipv6Bytes(hostname)]);
    default:
      return Buffer.concat([Buffer.of(addressType.name), withLength(hostname)]);
  }
}

function ipv6Bytes(address: string): Buffer {
  // The URL standard leaves groups in hexadecimal only.
  const [bare = ''] = address.split('%');
  const normal = new URL(`http://[${bare}]`).hostname.slice(1, -1);
  const [before = '', after] = normal.split('::');
  const front = before === '' ? [] : before.split(':');
  const back = after === undefined || after === '' ? [] : after.split(':');
  const zeros = Array.from({ length: 8 - front.length - back.length }, () => '0');
  return Buffer.from([...front, ...zeros, ...back].map((group) => group.padStart(4, '0')).join(''), 'hex');
}

/** One byte of length, then the text: names and credentials are 255 bytes at most. */
function withLength(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.of(bytes.length), bytes]);
}
