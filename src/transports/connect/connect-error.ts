import { isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { FetchError, type FetchErrorCode } from '../../http/error.ts';
import { formatDuration } from '../../text/quantity.ts';
import type { Endpoint } from './endpoint.ts';

/** Shortages of our own machine, which are not the fault of a server. */
const local = new Map<string, FetchErrorCode>([
  ['EMFILE', 'LOCAL_FDS'],
  ['ENFILE', 'LOCAL_FDS'],
  ['EADDRNOTAVAIL', 'LOCAL_PORTS'],
  ['EADDRINUSE', 'LOCAL_PORTS'],
  ['ENOBUFS', 'LOCAL_MEMORY'],
  ['ENOMEM', 'LOCAL_MEMORY'],
  ['ERR_MEMORY_ALLOCATION_FAILED', 'LOCAL_MEMORY'],
]);

const naming = new Map<string, FetchErrorCode>([
  ['ENOTFOUND', 'DNS_NOT_FOUND'],
  ['ENODATA', 'DNS_NOT_FOUND'],
  ['EBADNAME', 'DNS_NOT_FOUND'],
  ['EAI_NODATA', 'DNS_NOT_FOUND'],
  ['EAI_NONAME', 'DNS_NOT_FOUND'],
  ['ETIMEOUT', 'DNS_TIMEOUT'],
]);

export const connectCodes: ReadonlyMap<string, FetchErrorCode> = new Map<string, FetchErrorCode>([
  ['ECONNREFUSED', 'CONNECT_REFUSED'],
  ['ETIMEDOUT', 'CONNECT_TIMEOUT'],
  ['ECONNRESET', 'CONNECT_RESET'],
  ['ECONNABORTED', 'CONNECT_RESET'],
  ['EPIPE', 'CONNECT_RESET'],
  ['EHOSTUNREACH', 'CONNECT_UNREACHABLE'],
  ['EHOSTDOWN', 'CONNECT_UNREACHABLE'],
  ['ENETUNREACH', 'CONNECT_UNREACHABLE'],
  ['ENETDOWN', 'CONNECT_UNREACHABLE'],
  ['EADDRNOTAVAIL', 'CONNECT_UNREACHABLE'],
  ['EACCES', 'CONNECT_UNREACHABLE'],
  ['EPERM', 'CONNECT_UNREACHABLE'],
  ['EINVAL', 'CONNECT_UNREACHABLE'],
  ['EAFNOSUPPORT', 'CONNECT_UNREACHABLE'],
]);

const certificates = new Map<string, FetchErrorCode>([
  ['CERT_HAS_EXPIRED', 'TLS_EXPIRED'],
  ['CERT_NOT_YET_VALID', 'TLS_NOT_YET_VALID'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'TLS_SELF_SIGNED'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'TLS_HOST'],
  ['ERR_TLS_CERT_ALTNAME_FORMAT', 'TLS_HOST'],
  ['HOSTNAME_MISMATCH', 'TLS_HOST'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'TLS_UNTRUSTED'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'TLS_UNTRUSTED'],
  ['UNABLE_TO_GET_ISSUER_CERT', 'TLS_UNTRUSTED'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'TLS_UNTRUSTED'],
  ['CERT_SIGNATURE_FAILURE', 'TLS_UNTRUSTED'],
  ['CERT_UNTRUSTED', 'TLS_UNTRUSTED'],
  ['CERT_REJECTED', 'TLS_UNTRUSTED'],
  ['CERT_REVOKED', 'TLS_UNTRUSTED'],
  ['CERT_CHAIN_TOO_LONG', 'TLS_UNTRUSTED'],
  ['INVALID_CA', 'TLS_UNTRUSTED'],
  ['INVALID_PURPOSE', 'TLS_UNTRUSTED'],
  ['PATH_LENGTH_EXCEEDED', 'TLS_UNTRUSTED'],
]);

/** The steps of opening a connection. Those that begin with `proxy` are on the way to a proxy, or ask it. */
export type ConnectPhase = 'dns' | 'connect' | 'proxyDns' | 'proxyConnect' | 'proxyTls' | 'proxy' | 'tls';

/** Wraps an error of opening a connection. */
export function connectError(cause: Error, phase: ConnectPhase, to: Endpoint): FetchError {
  const code = connectCode(cause, phase);
  return new FetchError(code, connectMessage(code, cause, { to, phase }), { cause });
}

function connectCode(cause: Error, phase: ConnectPhase): FetchErrorCode {
  const ours = shortage(cause);
  if (ours) return ours;
  const native = nativeCode(cause);
  if (phase === 'dns') return naming.get(native) ?? 'DNS_TEMPORARY';
  if (phase === 'connect') return connectCodes.get(native) ?? 'CONNECT_UNREACHABLE';
  if (phase === 'tls') return tlsCode(cause) ?? connectCodes.get(native) ?? 'CONNECT_RESET';
  return phase === 'proxyTls' && tlsCode(cause) ? 'PROXY_TLS' : 'PROXY_CONNECT';
}

const timeoutCodes: Readonly<Record<ConnectPhase, FetchErrorCode>> = {
  dns: 'DNS_TIMEOUT',
  connect: 'CONNECT_TIMEOUT',
  proxyDns: 'PROXY_CONNECT',
  proxyConnect: 'PROXY_CONNECT',
  proxyTls: 'PROXY_CONNECT',
  // The proxy is there, and waits for the server.
  proxy: 'CONNECT_TIMEOUT',
  tls: 'TLS_TIMEOUT',
};

const phaseWords: Readonly<Record<ConnectPhase, string>> = {
  dns: 'DNS lookup',
  connect: 'TCP connect',
  proxyDns: 'DNS lookup',
  proxyConnect: 'TCP connect',
  proxyTls: 'TLS handshake',
  proxy: 'proxy response',
  tls: 'TLS handshake',
};

/** Makes the error of a connection that took too long. */
export function timeoutError(phase: ConnectPhase, to: Endpoint, ms: number): FetchError {
  const isProxy = phase.startsWith('proxy') && phase !== 'proxy';
  const target = isProxy ? `the proxy ${to.route?.proxy.name}` : to.hostname + through(to);
  return new FetchError(
    timeoutCodes[phase],
    `Cannot connect to ${target}: ${phaseWords[phase]} timed out after ${formatDuration(ms)}`,
  );
}

/** Makes the error of a server that has no address which the guard allows. */
export function blockedError(hostname: string, address: string): FetchError {
  const what = address === hostname ? 'it' : `its address ${address}`;
  const message = `Cannot connect to ${hostname}: ${what} is not public, and only public addresses are allowed`;
  return new FetchError('ADDRESS_BLOCKED', message);
}

/**
 * Returns the code of a local shortage. Among several addresses one is enough: it might have been the one that works.
 */
export function shortage(cause: Error): FetchErrorCode | undefined {
  const errors = (cause instanceof AggregateError ? cause.errors : [cause]) as NodeJS.ErrnoException[];
  const short = errors.find((error) => local.has(nativeCode(error)) && !isWithoutIpv6(error));
  return short && local.get(nativeCode(short));
}

/** Recognizes a missing IPv6 address of our own, which the system reports as a missing port. */
function isWithoutIpv6({ code, address = '' }: NodeJS.ErrnoException & { readonly address?: string }): boolean {
  if (code !== 'EADDRNOTAVAIL' || !isIPv6(address)) return false;
  const own = Object.values(networkInterfaces()).flat();
  return !own.some((each) => each?.family === 'IPv6' && each.internal === (address === '::1') && each.scopeid === 0);
}

/** Returns the code of an error from OpenSSL or from Node's certificate check; undefined for any other. */
export function tlsCode(cause: Error): FetchErrorCode | undefined {
  const native = nativeCode(cause);
  const code = certificates.get(native);
  if (code) return code;
  // OpenSSL has no code for a weak key or signature, only messages.
  if (/too[ _](small|weak)|md[ _]too[ _]weak|insecure|weak/i.test(`${native} ${cause.message}`)) return 'TLS_WEAK';
  return native.startsWith('ERR_SSL') || native.startsWith('ERR_TLS') || native === 'EPROTO' || native === 'UNSPECIFIED'
    ? 'TLS_PROTOCOL'
    : undefined;
}

const connectWords: Partial<Record<FetchErrorCode, string>> = {
  DNS_NOT_FOUND: 'no such host',
  DNS_TEMPORARY: 'the name server failed to resolve the name',
  DNS_TIMEOUT: 'no name server answered',
  CONNECT_REFUSED: 'connection refused',
  CONNECT_TIMEOUT: 'timed out',
  CONNECT_UNREACHABLE: 'unreachable',
  CONNECT_RESET: 'connection closed during setup',
  TLS_EXPIRED: 'its certificate has expired',
  TLS_NOT_YET_VALID: 'its certificate is not valid yet',
  TLS_SELF_SIGNED: 'its certificate is self-signed',
  TLS_UNTRUSTED: 'its certificate is not from a trusted authority',
  TLS_HOST: 'its certificate is for another host name',
  TLS_WEAK: 'its certificate or key is too weak',
  TLS_PROTOCOL: 'no common TLS version or cipher, or no TLS at all',
  LOCAL_FDS: 'no file descriptors left on this machine',
  LOCAL_PORTS: 'no local ports left on this machine',
  LOCAL_MEMORY: 'not enough memory on this machine',
};

function connectMessage(
  code: FetchErrorCode,
  cause: Error,
  { to, phase }: { readonly to: Endpoint; readonly phase: ConnectPhase },
): string {
  if (phase.startsWith('proxy') && to.route) {
    return `Cannot connect to the proxy ${to.route.proxy.name}: ${proxyWords(cause, code)}${hint(cause)}`;
  }
  const { hostname, port } = to;
  const words = nativeCode(cause) === 'ENOENT' ? 'the Unix socket does not exist' : (connectWords[code] ?? code);
  return `Cannot connect to ${hostname}${port ? `:${port}` : ''}${through(to)}: ${words}${hint(cause)}`;
}

function through({ route }: Endpoint): string {
  return route ? ` through the proxy ${route.proxy.name}` : '';
}

/** Says what happened to a proxy in the words for a server. */
function proxyWords(cause: Error, code: FetchErrorCode): string {
  const native = nativeCode(cause);
  const own = tlsCode(cause) ?? naming.get(native) ?? connectCodes.get(native);
  if (code.startsWith('LOCAL_')) return connectWords[code] ?? code;
  return own === undefined || own === 'CONNECT_RESET' ? 'it closed the connection' : (connectWords[own] ?? own);
}

export function hint(cause: Error): string {
  return hints.get(nativeCode(cause)) ?? '';
}

const hints = new Map([
  ['ERR_SSL_WRONG_VERSION_NUMBER', ' (does it speak plain http?)'],
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', ': the server requires a client certificate'],
]);

/** Returns Node's error code. Among several failed addresses the most telling one counts. */
export function nativeCode(cause: Error): string {
  if (cause instanceof AggregateError) {
    const codes = cause.errors.map((error) => (error instanceof Error ? nativeCode(error) : ''));
    const telling = codes.find((code) => !unreachable.has(code) && code !== 'ETIMEDOUT');
    return telling ?? codes.find((code) => !unreachable.has(code)) ?? codes[0] ?? '';
  }
  const { code } = cause as NodeJS.ErrnoException;
  return typeof code === 'string' ? code : '';
}

/** The codes of an address family that this machine does not have. */
const unreachable = new Set(['ENETUNREACH', 'EHOSTUNREACH', 'EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL', '']);
