import { X509Certificate } from 'node:crypto';

/** Tells whether a PEM text holds certificates that can all be read. Node skips unreadable ones in silence. */
export function holdsCertificates(pem: string | Uint8Array): boolean {
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
