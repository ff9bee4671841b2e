import type { FetchError } from '../../http/error.ts';

/**
 * Sends requests in place of the built-in HTTP client: over another client, a proxy, a cache or a test double. Limits,
 * retries, time limits, redirects, decoding and body limits work around it as they do around the built-in one; the
 * options `connectTimeoutMs`, `http2`, `tls` and `addressGuard` do not, as connections are the transport's own
 * business.
 *
 * ```ts
 * const transport: Transport = {
 *   async send({ url, method, headers, body }, { signal }) {
 *     const response = await fetch(url, { method, headers, body: body ?? null, signal, redirect: 'manual' });
 *     return { status: response.status, headers: response.headers, body: response.body, decoded: true };
 *   },
 * };
 * ```
 */
export interface Transport {
  /**
   * Sends one request once, without following redirects and without retrying. Resolves with the response, whatever its
   * status, as soon as its head is known; the body may follow. If there is no response, resolves or rejects with a
   * {@link FetchError}, whose code decides whether the request is retried. Any other rejection becomes a failure with
   * the code `INTERNAL`, which is not.
   */
  send(request: TransportRequest, options: TransportSendOptions): Promise<TransportResponse | FetchError>;
  /** Closes every connection. Called once, by the fetcher's `close()`, after its last request has settled. */
  close?(): Promise<void> | void;
}

/** A request as it goes out: checked, with the fetcher's own headers merged in. */
export interface TransportRequest {
  /** The absolute URL, without user info and fragment. */
  readonly url: string;
  /** Scheme, name and port of the URL. */
  readonly origin: string;
  /** The method in upper case. */
  readonly method: string;
  /** Names in lower case; repeated values are joined by `, `, those of `cookie` by `; `. */
  readonly headers: Readonly<Record<string, string>>;
  /** The bytes to send; undefined if the request has no body. */
  readonly body: Uint8Array | undefined;
}

/** Second argument of {@link Transport.send}. */
export interface TransportSendOptions {
  /**
   * Aborted once the response, or the rest of its body, is no longer wanted: after a timeout, a cancellation, or a body
   * over its limit. Its reason says why. The transport should then release the connection; the fetcher does not wait
   * for it.
   */
  readonly signal: AbortSignal;
}

/** A response as a {@link Transport} received it. */
export interface TransportResponse {
  /** The status of the final response, from 200 to 999; 1xx responses are the transport's own business. */
  readonly status: number;
  /** Header fields, such as `http.IncomingMessage.headers` or a `Headers` object. Names in any case. @default none */
  readonly headers?: TransportHeaders | undefined;
  /**
   * The body: all of it, or an iterable of its pieces, such as a stream of Node or of the Web. The next piece is asked
   * for when there is room for it. Bytes must not be changed afterwards. An iterable that throws before the end of the
   * body fails the request: with the `FetchError` it threw, or else with `BODY_TRUNCATED`. @default an empty body
   */
  readonly body?: string | Uint8Array | AsyncIterable<Uint8Array> | null | undefined;
  /**
   * True if the body is already decoded, as with the global `fetch`; otherwise the fetcher decodes it by its
   * `content-encoding`. @default false
   */
  readonly decoded?: boolean | undefined;
  /**
   * `framed` if the protocol proved the body complete, `unverified` if the connection just ended. @default `framed`
   * for bytes and text, and for an iterable whose response has a `content-length` or `transfer-encoding: chunked`
   */
  readonly complete?: 'framed' | 'unverified' | undefined;
}

/** Header fields of a {@link TransportResponse}: an object, or pairs of a name and a value. */
export type TransportHeaders =
  Readonly<Record<string, string | readonly string[] | undefined>> | Iterable<readonly [string, string]>;
