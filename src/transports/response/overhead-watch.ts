const checkIntervalMs = 100;
/** Bytes that may arrive at any time without being part of a body or a head. */
const maxSpareBytes = 1_000_000;
/** Bytes allowed for each head: the largest one we take, and its framing. */
const bytesForHead = 128 * 1024;
/**
 * Bytes allowed for each byte of a body: chunked or in HTTP/2 frames of one byte, TLS included, it brings some forty.
 */
const bytesForBodyByte = 64;

/** Figures of a connection, as totals since it was opened. */
export interface Traffic {
  readonly bytesRead: number;
  readonly bodyBytes: number;
  /** Responses and interim responses. */
  readonly heads: number;
}

/** A connection whose bytes are watched. */
export interface Metered extends Traffic {
  /** Called once when the connection has brought too many bytes that are not part of a body. */
  onOverhead(): void;
}

/** What a connection had brought when it was last looked at, and how much overhead it may still bring. */
export interface Meter {
  bytesRead: number;
  bodyBytes: number;
  heads: number;
  spareBytes: number;
}

/**
 * Bounds the bytes that are neither head nor body: endless reason phrases, blank lines, chunk extensions, HTTP/2
 * control frames. Parsers skip them silently, so all connections are checked ten times a second instead.
 */
export class OverheadWatch {
  readonly #meters = new Map<Metered, Meter>();
  #timer: NodeJS.Timeout | undefined;

  add(connection: Metered): void {
    this.#meters.set(connection, newMeter());
    this.#timer ??= setInterval(this.#checkAll, checkIntervalMs).unref();
  }

  delete(connection: Metered): void {
    this.#meters.delete(connection);
    if (this.#meters.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  readonly #checkAll = (): void => {
    for (const [connection, meter] of this.#meters) {
      if (hasRoom(connection, meter)) continue;
      this.delete(connection);
      connection.onOverhead();
    }
  };
}

/** Returns the meter of a new connection. */
export function newMeter(): Meter {
  return { bytesRead: 0, bodyBytes: 0, heads: 0, spareBytes: maxSpareBytes };
}

/** Charges a meter with what has arrived since the last call. Returns false once it is overdrawn. */
export function hasRoom({ bytesRead, bodyBytes, heads }: Traffic, meter: Meter): boolean {
  // A connection that was opened anew begins at zero.
  const read = bytesRead >= meter.bytesRead ? bytesRead - meter.bytesRead : bytesRead;
  const allowed = (bodyBytes - meter.bodyBytes) * bytesForBodyByte + (heads - meter.heads) * bytesForHead;
  meter.bytesRead = bytesRead;
  meter.bodyBytes = bodyBytes;
  meter.heads = heads;
  meter.spareBytes = Math.min(maxSpareBytes, meter.spareBytes + allowed - read);
  return meter.spareBytes >= 0;
}
