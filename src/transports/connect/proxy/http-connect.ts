import { isIPv6 } from 'node:net';
import { FetchError } from '../../../http/error.ts';
import type { Proxy } from '../../../http/proxy.ts';
import type { HostAndPort } from '../endpoint.ts';
import type { Handshake, Progress } from './handshake.ts';
import { proxyAuthorization, proxyWantsCredentials } from './proxy-credentials.ts';

/** The largest answer, in bytes. */
const maxAnswerBytes = 64 * 1024;

/** Asks an HTTP proxy for a tunnel (RFC 9110 section 9.3.6). */
export class HttpConnect implements Handshake {
  readonly hello: Buffer;
  readonly #proxy: Proxy;
  readonly #authority: string;

  constructor(proxy: Proxy, { hostname, port }: HostAndPort) {
    this.#proxy = proxy;
    this.#authority = `${isIPv6(hostname) ? `[${hostname}]` : hostname}:${port}`;
    const authorization = proxyAuthorization(proxy);
    const credentials = authorization === undefined ? '' : `proxy-authorization: ${authorization}\r\n`;
    this.hello = Buffer.from(
      `CONNECT ${this.#authority} HTTP/1.1\r\nhost: ${this.#authority}\r\n${credentials}\r\n`,
      'latin1',
    );
  }

  read(bytes: Buffer): Progress {
    if (!looksLikeHttp(bytes)) return this.#refused('it does not answer in HTTP');
    const end = bytes.subarray(0, maxAnswerBytes).indexOf('\r\n\r\n');
    // It may be the whole answer of a proxy that ends lines its own way, and nothing would follow.
    if (hasBareLineFeed(end < 0 ? bytes : bytes.subarray(0, end)))
      return this.#refused('a line of its answer ends in LF without CR');
    if (end < 0) {
      return bytes.length < maxAnswerBytes ? { kind: 'more' } : this.#refused('its answer is larger than 64 KB');
    }
    const status = Number(/^HTTP\/1\.[01] ([1-9]\d\d)[ \r]/.exec(bytes.toString('latin1', 0, end + 2))?.[1] ?? 0);
    if (status === 0) return this.#refused('its answer has no status');
    // What is announced to come behind the head of a tunnel is not the proxy's (RFC 9110 section 9.3.6).
    if (status >= 200 && status < 300) return { kind: 'open', used: end + 4 };
    if (status < 200) return { kind: 'more', used: end + 4 };
    if (status === 407) return { kind: 'failed', error: proxyWantsCredentials(this.#proxy) };
    return this.#refused(`it answered with status ${status}`, status >= 500);
  }

  #refused(why: string, retryable = false): Progress {
    const message = `The proxy ${this.#proxy.name} refused a connection to ${this.#authority}: ${why}`;
    return { kind: 'failed', error: new FetchError('PROXY_REFUSED', message, { retryable }) };
  }
}

function hasBareLineFeed(head: Buffer): boolean {
  return /[^\r]\n/.test(head.toString('latin1'));
}

const httpStart = Buffer.from('HTTP/1.');

function looksLikeHttp(bytes: Buffer): boolean {
  const length = Math.min(bytes.length, httpStart.length);
  return bytes.subarray(0, length).equals(httpStart.subarray(0, length));
}
