import { createSecureContext } from 'node:tls';
import type { FetcherOptions } from '../../src/fetcher/options.ts';
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
}

/**
 * Reads the files and checks that they are usable; otherwise every connection would fail. Throws a {@link UsageError}.
 */
export function readTls({ insecure, cacert, cert, key }: TlsFlags): NonNullable<FetcherOptions['tls']> {
  if ((cert === undefined) !== (key === undefined)) {
    throw new UsageError(
      '--cert and --key go together, such as --cert client.pem --key client.key; both may name one file',
    );
  }
  const files = withoutUndefined({ ca: read(cacert), cert: read(cert), key: read(key) });
  if (files.ca && !holdsCertificates(files.ca)) {
    throw new UsageError(
      `--cacert must be a PEM file of certificates, such as --cacert ca.pem: found none in ${quoted(cacert!)}`,
    );
  }
  checkKeyPair({ cert: files.cert, key: files.key });
  return { ...files, ...(insecure ? { rejectUnauthorized: false } : {}) };
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
