import type { FetchError } from '../../../http/error.ts';

/** What a handshake does with the bytes that have come so far. */
export type Progress =
  /** It needs more, and may have something to say first. */
  | { readonly kind: 'more'; readonly say?: Buffer; readonly used?: number }
  /** The way is open. What follows the bytes that it used comes from the server. */
  | { readonly kind: 'open'; readonly used: number }
  | { readonly kind: 'failed'; readonly error: FetchError };

/** The client's side of a proxy's handshake, without its socket. */
export interface Handshake {
  /** The bytes to begin with. */
  readonly hello: Buffer;
  /** Reads the bytes that have come and are not used yet. */
  read(bytes: Buffer): Progress;
}
