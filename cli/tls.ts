import { createSecureContext } from 'node:tls';
import type { FetcherOptions } from '../src/options.ts';
import { given } from './given.ts';
import { quoted } from './quoted.ts';
import { readFile } from './read-file.ts';
import { UsageError } from './usage-error.ts';

/** What was said about TLS: names of files. */
export interface TlsFlags {
  readonly insecure: boolean;
  readonly cacert: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

/** Reads the files, and tries whether they can be used: else every single connection would fail. */
export function readTls({ insecure, cacert, cert, key }: TlsFlags): NonNullable<FetcherOptions['tls']> {
  if ((cert === undefined) !== (key === undefined)) {
    throw new UsageError(
      '--cert and --key go together, such as --cert client.pem --key client.key; one file may be both',
    );
  }
  const files = given({ ca: read(cacert), cert: read(cert), key: read(key) });
  // Node passes over what is no certificate here, in silence.
  if (files.ca && !/-----BEGIN [A-Z0-9 ]*CERTIFICATE-----/.test(files.ca.toString('latin1'))) {
    throw new UsageError(
      `--cacert must be a PEM file of certificates, such as --cacert ca.pem: there is none in ${quoted(cacert!)}`,
    );
  }
  tryOut('--cacert', { ca: files.ca });
  tryOut('--cert with --key', { cert: files.cert, key: files.key });
  return { ...files, ...(insecure ? { rejectUnauthorized: false } : {}) };
}

function read(path: string | undefined): Buffer | undefined {
  return path === undefined ? undefined : readFile(path);
}

function tryOut(flag: string, files: Readonly<Record<string, Buffer | undefined>>): void {
  try {
    createSecureContext(given(files));
  } catch (cause) {
    throw new UsageError(`${flag} must be PEM files that belong together: ${(cause as Error).message}`, { cause });
  }
}
