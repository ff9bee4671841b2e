import { generate } from 'selfsigned';

/** A certificate and its key, both PEM. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

/** Options of {@link issue}. By default the certificate is valid, for 127.0.0.1, and self-signed. */
export interface Wanted {
  /** The signer. */
  readonly by?: Identity;
  readonly isAuthority?: boolean;
  /** DNS names and IPv4 addresses; with none there is only the common name. */
  readonly names?: readonly string[];
  /** Start and end of the validity, in days from now. */
  readonly days?: readonly [from: number, until: number];
  /** Bits of an RSA key; without it the key is elliptic. The signer must be of the same kind. */
  readonly rsaBits?: number;
  readonly digest?: 'sha1' | 'sha256';
}

/** Makes a certificate. */
export async function issue(commonName: string, wanted: Wanted = {}): Promise<Identity> {
  const {
    by,
    isAuthority = false,
    names = isAuthority ? [] : ['127.0.0.1'],
    days = [-1, 30],
    rsaBits,
    digest,
  } = wanted;
  const altNames = names.map((name) =>
    /^[\d.]+$/.test(name) ? ({ type: 7, ip: name } as const) : ({ type: 2, value: name } as const),
  );
  const made = await generate([{ name: 'commonName', value: commonName }], {
    ...(rsaBits === undefined ? { keyType: 'ec' } : { keyType: 'rsa', keySize: rsaBits }),
    algorithm: digest ?? 'sha256',
    notBeforeDate: inDays(days[0]),
    notAfterDate: inDays(days[1]),
    extensions: [
      { name: 'basicConstraints', cA: isAuthority, critical: true },
      ...(altNames.length > 0 ? [{ name: 'subjectAltName', altNames } as const] : []),
    ],
    ...(by ? { ca: { ...by } } : {}),
  });
  return { cert: `${made.cert}\n`, key: made.private };
}

function inDays(days: number): Date {
  return new Date(Date.now() + days * 86_400_000);
}
