/** Keeps exchanges as they were on the wire: each hop of each attempt. */
export interface ExchangeArchive {
  /** A request is about to be sent. */
  begin(request: ArchivedRequest): ExchangeKeeper;
  /** Writes what is left. May be called again. */
  close(): Promise<void>;
}

/** A request of one hop, as far as an archive names it. */
export interface ArchivedRequest {
  readonly method: string;
  /** Origin and path: without user info. */
  readonly origin: string;
  readonly path: string;
}

/** The head of a response as it was received. */
export interface WireHead {
  readonly protocol: 'HTTP/1.0' | 'HTTP/1.1' | 'HTTP/2';
  readonly status: number;
  /** Empty if it had none. */
  readonly statusText: string;
  /** Name, value, name, value, ... in the server's spelling and order. */
  readonly fields: readonly string[];
}

/** Keeps one exchange. Either `keep()`, `keepFailure()` or `drop()` ends it. */
export interface ExchangeKeeper {
  /**
   * The request is written: its head in Latin-1, its body, and the IP address of the server, unless a proxy or a socket of another
   * kind lies between. If it is sent once more on another connection, nothing that was
   * seen before counts.
   */
  sent(head: string, body: Uint8Array | undefined, address: string | undefined): void;
  /** A response begins. `drain` is called once there is room again after `take()` returned false. */
  begin(head: WireHead, drain: () => void): void;
  /** Takes the next bytes of the body, without transfer coding, valid only during the call. False asks to wait for `drain`. */
  take(piece: Uint8Array): boolean;
  /** The body goes on, but nobody reads the rest of it. */
  cut(reason: 'length' | 'time'): void;
  /** The exchange is complete. Resolves once it is written; undefined if there was nothing to keep. Rejects with a `FetchError`. */
  keep(): Promise<ArchivePlace | undefined>;
  /** There is no whole response. Resolves once that is written; rejects with a `FetchError`. */
  keepFailure(failure: { readonly code: string; readonly message: string }): Promise<void>;
  /** The exchange was cancelled. */
  drop(): void;
}

/** Where an exchange is kept. */
export interface ArchivePlace {
  /** Name of the file, without its folder. */
  readonly file: string;
  /** Where its response begins, in bytes. */
  readonly offset: number;
}
