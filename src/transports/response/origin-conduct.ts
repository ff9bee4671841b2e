import { BoundedMap } from '../../collections/bounded-map.ts';
import { idempotentMethods } from '../../http/request.ts';

/** Number of origins of each kind that are remembered. */
const maxOrigins = 10_000;
/**
 * A server that closes this soon after its response, in milliseconds, did not close because the connection was idle.
 */
const maxSilentCloseMs = 1000;

/**
 * Remembers, for the life of a fetcher, which origins must not be trusted with a connection that was used before.
 *
 * HTTP/1.1 has no request ids: a response belongs to the request before it. An origin that once sent unsolicited bytes
 * may do so again, and they would be taken for the response to the next request.
 */
export class OriginConduct {
  readonly #unasked = new BoundedMap<string, true>(maxOrigins);
  readonly #silent = new BoundedMap<string, true>(maxOrigins);

  /** Tells whether an origin has sent unsolicited bytes. */
  answersUnasked(origin: string): boolean {
    return this.#unasked.size > 0 && this.#unasked.has(origin);
  }

  /**
   * Tells whether a request may go over a connection that was used before. One that must not be sent twice may not if
   * the server closes connections without notice: it could be lost.
   */
  allowsReuse(origin: string, method: string): boolean {
    if (this.answersUnasked(origin)) return false;
    return this.#silent.size === 0 || !this.#silent.has(origin) || idempotentMethods.has(method);
  }

  /** Notes unsolicited bytes. */
  sentUnasked(origin: string): void {
    this.#unasked.set(origin, true);
  }

  /** Notes that a connection was closed without notice, so many milliseconds after its last response. */
  closedSilently(origin: string, sinceResponseMs: number): void {
    if (sinceResponseMs < maxSilentCloseMs) this.#silent.set(origin, true);
  }
}
