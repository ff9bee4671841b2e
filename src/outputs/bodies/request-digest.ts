import { hash } from 'node:crypto';

/** The request as far as its body depends on it. */
export interface DigestedRequest {
  readonly method: string;
  readonly url: string;
  readonly bodyHash?: string | undefined;
}

/** The first 32 hexadecimal digits of the SHA-256 of method, URL and body: what tells two requests apart. */
export function requestDigest({ method, url, bodyHash = '' }: DigestedRequest): string {
  return hash('sha256', `${method}\n${url}\n${bodyHash}`).slice(0, 32);
}
