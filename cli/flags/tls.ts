import { createSecureContext } from 'node:tls';
import type { FetcherOptions } from '../../src/fetcher/options.ts';
import type { TlsOptions } from '../../src/transports/options.ts';
import { holdsCertificates } from '../../src/fetcher/certificates.ts';
import { withoutUndefined } from './given.ts';
import { quoted } from './quoted.ts';
import { readFile } from './read-file.ts';
import { UsageError } from './usage-error.ts';

/** The TLS flags of a command line; all but `insecure` are file names. */
export interface TlsFlags {
  readonly insecure: boolean;
  readonly cacert: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  /** Trusts the authorities of the operating system too. */
  readonly usesSystem?: boolean;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * Reads the files and checks that they are usable; otherwise every connection would fail. Throws a {@link UsageError}.
 */
export function readTls({
  insecure,
  cacert,
  cert,
  key,
  usesSystem,
  env,
}: TlsFlags): NonNullable<FetcherOptions['tls']> {
  if ((cert === undefined) !== (key === undefined)) {
    throw new UsageError(
      '--cert and --key go together, such as --cert client.pem --key client.key; both may name one file',
    );
  }
  const ca = readAuthorities({ flag: '--cacert', file: cacert, ...withoutUndefined({ usesSystem, env }) });
  const files = withoutUndefined({ ca, cert: read(cert), key: read(key) });
  checkKeyPair({ cert: files.cert, key: files.key });
  return { ...files, ...(insecure ? { rejectUnauthorized: false } : {}) };
}

/** The certificates to trust in one kind of server. */
interface Authorities {
  readonly flag: string;
  readonly file: string | undefined;
  readonly usesSystem?: boolean;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * Reads the certificates of a flag, or else of `SSL_CERT_FILE`, and adds the word for those of the system. Returns undefined for
 * the built-in ones. Throws a {@link UsageError}.
 */
export function readAuthorities({ flag, file, usesSystem = false, env = process.env }: Authorities): TlsOptions['ca'] {
  const fromEnvironment = file === undefined && !usesSystem ? env['SSL_CERT_FILE'] : undefined;
  const path = file ?? (fromEnvironment === '' ? undefined : fromEnvironment);
  const pem = fromEnvironment === undefined ? read(path) : readVariable(path);
  if (pem && !holdsCertificates(pem)) {
    const what = file === undefined ? 'SSL_CERT_FILE' : flag;
    const example = file === undefined ? '' : `, such as ${flag} ca.pem`;
    throw new UsageError(`${what} must be a PEM file of certificates${example}: found none in ${quoted(path!)}`);
  }
  if (!usesSystem) return pem;
  return pem ? ['system', pem] : 'system';
}

function readVariable(path: string | undefined): Buffer | undefined {
  try {
    return read(path);
  } catch (cause) {
    throw new UsageError(`SSL_CERT_FILE must be a PEM file of certificates: ${(cause as Error).message}`, { cause });
  }
}

function read(path: string | undefined): Buffer | undefined {
  return path === undefined ? undefined : readFile(path);
}

function checkKeyPair(pair: { readonly cert: Buffer | undefined; readonly key: Buffer | undefined }): void {
  try {
    createSecureContext(withoutUndefined(pair));
  } catch (cause) {
    const { message } = cause as Error;
    throw new UsageError(`--cert and --key must be PEM files that match: ${message}`, { cause });
  }
}
