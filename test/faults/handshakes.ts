import { createServer as createHttpsServer } from 'node:https';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import type { TlsOptions } from 'node:tls';
import type { FetchErrorCode } from '../../src/http/error.ts';
import type { FetcherOptions } from '../../src/fetcher/options.ts';
import { issue, type Identity } from '../helpers/servers/authority.ts';

export const root: Identity = await issue('Root', { isAuthority: true });
export const intermediate: Identity = await issue('Intermediate', { isAuthority: true, by: root });
export const good: Identity = await issue('good', {
  by: root,
  names: ['127.0.0.1', 'localhost', 'a.b.localhost', '*.c.localhost'],
});
export const client: Identity = await issue('client', { by: root });
export const trusted: { readonly ca: string } = { ca: root.cert };
/** Options that let a server offer outdated protocols and ciphers. */
const outdated = { ciphers: 'DEFAULT@SECLEVEL=0', minVersion: 'TLSv1' } as const;
/** The first part of a ServerHello; the rest never arrives. */
const halfHello = Buffer.from('160303007a020000760303', 'hex');
export const body = 'ok';

export const https =
  (identity: Identity, options: TlsOptions = {}): (() => Server) =>
  () =>
    createHttpsServer({ ...identity, ...options }, (_, response) => response.end(body));
/** Creates a TCP server that acts on the first bytes of the client's hello. */
const tcp =
  (answer: (socket: Socket) => unknown): (() => Server) =>
  () =>
    createTcpServer((socket) => socket.once('data', () => answer(socket)));
export const says = (bytes: string | Buffer): (() => Server) => tcp((socket) => socket.write(bytes));
const signed = (by: Identity, wanted: object = {}): Promise<Identity> => issue('signed', { by, ...wanted });
const chain = (...identities: readonly Identity[]): Identity => ({
  cert: identities.map(({ cert }) => cert).join(''),
  key: identities[0]!.key,
});

/** A server, and a way to connect to it over TLS. */
export interface TlsCase {
  readonly id: string;
  readonly fault: string;
  readonly server: () => Server;
  readonly tls?: FetcherOptions['tls'];
  readonly host?: string;
  readonly scheme?: 'http' | 'https';
}

/** A server that must be refused. */
export interface TlsFault extends TlsCase {
  readonly code: FetchErrorCode;
  /** The code of Node or OpenSSL, never one of ours. */
  readonly native?: RegExp;
}

/** Servers that are accepted. */
export const accepted: readonly TlsCase[] = [
  { id: 'F1', fault: 'an address in its names', server: https(good), tls: trusted },
  { id: 'F1', fault: 'a name', server: https(good), tls: trusted, host: 'localhost' },
  { id: 'F1', fault: 'a longer name', server: https(good), tls: trusted, host: 'a.b.localhost' },
  { id: 'F1', fault: 'a name that a wildcard covers', server: https(good), tls: trusted, host: 'x.c.localhost' },
  { id: 'F1', fault: 'a name with the dot of the root', server: https(good), tls: trusted, host: 'localhost.' },
  { id: 'F1', fault: 'TLS 1.2', server: https(good, { maxVersion: 'TLSv1.2' }), tls: trusted },
  {
    id: 'F1',
    fault: 'several authorities, given as bytes',
    server: https(good),
    tls: { ca: [Buffer.from(intermediate.cert), root.cert] },
  },
  {
    id: 'F18',
    fault: 'a bundle of authorities with text between them',
    server: https(good),
    tls: { ca: `# ours\n${intermediate.cert}Root, 2026\n==========\n${root.cert}# the end\n` },
  },
  {
    id: 'F5',
    fault: 'a complete chain',
    server: https(chain(await signed(intermediate), intermediate)),
    tls: trusted,
  },
  {
    id: 'F11',
    fault: 'a required client certificate, which is given, in TLS 1.2',
    server: https(good, { requestCert: true, ca: root.cert, maxVersion: 'TLSv1.2' }),
    tls: { ...trusted, ...client },
  },
  {
    id: 'F11',
    fault: 'a required client certificate, which is given, in TLS 1.3',
    server: https(good, { requestCert: true, ca: root.cert, minVersion: 'TLSv1.3' }),
    tls: { ...trusted, cert: Buffer.from(client.cert), key: Buffer.from(client.key) },
  },
  {
    id: 'F17',
    fault: 'any certificate, when verification is off',
    server: https(await issue('self', { names: ['other.test'], days: [-30, -1], rsaBits: 1024 }), outdated),
    tls: { rejectUnauthorized: false },
  },
  {
    id: 'F22',
    fault: 'a certificate with 2,000 names',
    server: https(
      await signed(root, { names: ['127.0.0.1', ...Array.from({ length: 2000 }, (_, at) => `host${at}.test`)] }),
    ),
    tls: trusted,
  },
];

/** Faults that are permanent, and not retried. */
export const refused: readonly TlsFault[] = [
  {
    id: 'F2',
    fault: 'expired',
    server: https(await signed(root, { days: [-30, -1] })),
    tls: trusted,
    code: 'TLS_EXPIRED',
    native: /^CERT_HAS_EXPIRED$/,
  },
  {
    id: 'F2',
    fault: 'not yet valid',
    server: https(await signed(root, { days: [1, 30] })),
    tls: trusted,
    code: 'TLS_NOT_YET_VALID',
    native: /^CERT_NOT_YET_VALID$/,
  },
  {
    id: 'F3',
    fault: 'self-signed',
    server: https(await issue('127.0.0.1')),
    code: 'TLS_SELF_SIGNED',
    native: /^DEPTH_ZERO_SELF_SIGNED_CERT$/,
  },
  {
    id: 'F4',
    fault: 'for another name',
    server: https(await signed(root, { names: ['other.test'] })),
    tls: trusted,
    code: 'TLS_HOST',
    native: /^ERR_TLS_CERT_ALTNAME_INVALID$/,
  },
  {
    id: 'F4',
    fault: 'for another name that contains a word of OpenSSL for weak keys',
    server: https(await signed(root, { names: ['too-weak.test', 'insecure.test'] })),
    tls: trusted,
    host: 'weak.localhost',
    code: 'TLS_HOST',
    native: /^ERR_TLS_CERT_ALTNAME_INVALID$/,
  },
  {
    id: 'F4',
    fault: 'for another address',
    server: https(await signed(root, { names: ['127.0.0.2'] })),
    tls: trusted,
    code: 'TLS_HOST',
  },
  {
    id: 'F4',
    fault: 'for the name, but requested by address',
    server: https(await signed(root, { names: ['localhost'] })),
    tls: trusted,
    code: 'TLS_HOST',
  },
  {
    id: 'F4',
    fault: 'with the name only as its common name',
    server: https(await issue('localhost', { by: root, names: [] })),
    tls: trusted,
    host: 'localhost',
    code: 'TLS_HOST',
  },
  {
    id: 'F4',
    fault: 'for *.localhost, but requested as localhost',
    server: https(await signed(root, { names: ['*.localhost'] })),
    tls: trusted,
    host: 'localhost',
    code: 'TLS_HOST',
  },
  {
    id: 'F4',
    fault: 'for a wildcard that would have to cover two labels',
    server: https(good),
    tls: trusted,
    host: 'x.y.c.localhost',
    code: 'TLS_HOST',
  },
  {
    id: 'F5',
    fault: 'of an unknown authority, without its certificate',
    server: https(good),
    code: 'TLS_UNTRUSTED',
    native: /^UNABLE_TO_VERIFY_LEAF_SIGNATURE$/,
  },
  {
    id: 'F5',
    fault: 'of an unknown authority, with its certificate',
    server: https(chain(good, root)),
    code: 'TLS_UNTRUSTED',
    native: /^SELF_SIGNED_CERT_IN_CHAIN$/,
  },
  {
    id: 'F5',
    fault: 'without its intermediate',
    server: https(await signed(intermediate)),
    tls: trusted,
    code: 'TLS_UNTRUSTED',
    native: /^UNABLE_TO_/,
  },
  {
    id: 'F5',
    fault: 'signed by a certificate that is not an authority',
    server: https(chain(await signed(good), good)),
    tls: trusted,
    code: 'TLS_UNTRUSTED',
    native: /^INVALID_|^UNABLE_TO_/,
  },
  {
    id: 'F6',
    fault: 'signed with SHA-1',
    server: https(await signed(root, { digest: 'sha1' }), outdated),
    tls: trusted,
    code: 'TLS_WEAK',
    native: /^UNSPECIFIED$/,
  },
  {
    id: 'F6',
    fault: 'with 1024 bits of RSA, even if Node would accept it',
    ...(await (async () => {
      const weak = await issue('weak', { rsaBits: 1024 });
      return { server: https(weak, outdated), tls: { ca: weak.cert } };
    })()),
    code: 'TLS_WEAK',
    native: /^UNSPECIFIED$/,
  },
  {
    id: 'F7',
    fault: 'TLS 1.1',
    server: https(good, { ...outdated, maxVersion: 'TLSv1.1' }),
    tls: trusted,
    code: 'TLS_PROTOCOL',
    native: /^ERR_SSL_/,
  },
  {
    id: 'F8',
    fault: 'no encryption',
    server: https(good, { ciphers: 'NULL@SECLEVEL=0', maxVersion: 'TLSv1.2' }),
    tls: trusted,
    code: 'TLS_PROTOCOL',
    native: /^ERR_SSL_/,
  },
  {
    id: 'F8',
    fault: 'only outdated ciphers',
    server: https(good, { ciphers: 'CAMELLIA128-SHA@SECLEVEL=0', maxVersion: 'TLSv1.2' }),
    tls: trusted,
    code: 'TLS_PROTOCOL',
    native: /^ERR_SSL_/,
  },
  ...['foo', 'h2'].map((protocol): TlsFault => ({
    id: 'F9',
    fault: `no protocol but ${protocol}`,
    server: https(good, { ALPNProtocols: [protocol] }),
    tls: trusted,
    code: 'TLS_PROTOCOL',
    native: /^ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL$/,
  })),
  {
    id: 'F11',
    fault: 'a required client certificate, which is missing, in TLS 1.2',
    server: https(good, { requestCert: true, ca: root.cert, maxVersion: 'TLSv1.2' }),
    tls: trusted,
    code: 'TLS_PROTOCOL',
    native: /^ERR_SSL_/,
  },
  {
    id: 'F11',
    fault: 'a required client certificate, which is missing, in TLS 1.3, where the error follows the handshake',
    server: https(good, { requestCert: true, ca: root.cert, minVersion: 'TLSv1.3' }),
    tls: trusted,
    code: 'TLS_PROTOCOL',
    native: /^ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED$/,
  },
  {
    id: 'F13',
    fault: 'plain HTTP',
    server: says('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n'),
    code: 'TLS_PROTOCOL',
    native: /^ERR_SSL_WRONG_VERSION_NUMBER$/,
  },
  {
    id: 'F13',
    fault: 'another protocol in which the server speaks first',
    server: () => createTcpServer((socket) => socket.resume().end('220 mail.test ESMTP\r\n')),
    code: 'TLS_PROTOCOL',
    native: /^ERR_SSL_/,
  },
  { id: 'F13', fault: 'garbage', server: says(Buffer.alloc(100, 0xa5)), code: 'TLS_PROTOCOL', native: /^ERR_SSL_/ },
  {
    id: 'F13',
    fault: 'an alert',
    server: says(Buffer.from('15030300020250', 'hex')),
    code: 'TLS_PROTOCOL',
    native: /^ERR_SSL_/,
  },
  {
    id: 'F22',
    fault: 'a chain of more than 100 KB',
    server: https(chain(await signed(intermediate), ...Array.from({ length: 400 }, () => intermediate))),
    tls: trusted,
    code: 'TLS_PROTOCOL',
    native: /^ERR_SSL_/,
  },
];

/** Faults that a retry may cure. */
export const passing: readonly TlsFault[] = [
  { id: 'F12', fault: 'silence', server: says(''), code: 'TLS_TIMEOUT' },
  { id: 'F12', fault: 'half a ServerHello', server: says(halfHello), code: 'TLS_TIMEOUT' },
  {
    id: 'F14',
    fault: 'http:// to a port that speaks TLS',
    server: https(good),
    scheme: 'http',
    code: 'NO_RESPONSE',
  },
  {
    id: 'F15',
    fault: 'a reset at the hello',
    server: tcp((socket) => socket.resetAndDestroy()),
    code: 'CONNECT_RESET',
    native: /^ECONNRESET$/,
  },
  {
    id: 'F15',
    fault: 'a reset in the middle of a ServerHello',
    server: tcp((socket) => socket.write(halfHello, () => socket.resetAndDestroy())),
    code: 'CONNECT_RESET',
    native: /^ECONNRESET$/,
  },
  {
    id: 'F15',
    fault: 'a close at the hello',
    server: tcp((socket) => socket.end()),
    code: 'CONNECT_RESET',
    native: /^ECONNRESET$/,
  },
  {
    id: 'F15',
    fault: 'a close in the middle of a ServerHello',
    server: tcp((socket) => socket.end(halfHello)),
    code: 'CONNECT_RESET',
    native: /^ECONNRESET$/,
  },
  {
    id: 'F15',
    fault: 'a close_notify in the middle of the handshake',
    server: tcp((socket) => socket.end(Buffer.from('15030300020100', 'hex'))),
    code: 'CONNECT_RESET',
    native: /^ECONNRESET$/,
  },
];
