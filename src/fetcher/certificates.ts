import { X509Certificate } from 'node:crypto';

/** The files of a command line are checked there, and again as options: a bundle takes some 10 ms. */
const known = new WeakMap<Uint8Array, boolean>();

/** Tells whether a PEM text holds certificates that can all be read. Node skips unreadable ones in silence. */
export function holdsCertificates(pem: string | Uint8Array): boolean {
  if (typeof pem === 'string') return areReadable(pem);
  const before = known.get(pem);
  if (before !== undefined) return before;
  const verdict = areReadable(pem);
  known.set(pem, verdict);
  return verdict;
}

function areReadable(pem: string | Uint8Array): boolean {
  const text = Buffer.from(pem as string).toString('latin1');
  const parts = text.split(/(?=-----BEGIN [A-Z0-9 ]*CERTIFICATE-----)/);
  const certificates = parts.filter((part) => part.startsWith('-----BEGIN'));
  return certificates.length > 0 && certificates.every(isReadable);
}

function isReadable(certificate: string): boolean {
  try {
    return new X509Certificate(certificate).raw.length > 0;
  } catch {
    return false;
  }
}
