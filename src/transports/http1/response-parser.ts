import { maxHeadBytes } from '../response/limits.ts';
import { directCallbacks, endCallbacks, llhttp, responseType, type Llhttp, type LlhttpCallbacks } from './llhttp.ts';

/** The largest piece that is parsed at once, in bytes. */
export const maxPieceBytes: number = 256 * 1024;

/** The head of a response as it was parsed. */
export interface ParsedHead {
  readonly status: number;
  /** Name, value, name, value, ... as they came. */
  readonly fields: readonly string[];
  /** True for a 101 that changes the protocol. */
  readonly isUpgrade: boolean;
  /** True if the head says that the connection stays open. Not to be relied on after HEAD. */
  readonly isKeptAlive: boolean;
  /** The `y` of HTTP/x.y. */
  readonly minorVersion: number;
  /** The reason phrase, if it is wanted. */
  readonly statusText: string;
}

/** The events of a {@link ResponseParser}. They come from within `execute()`, and must not call it. */
export interface ParserEvents {
  /** True if the reason phrase is wanted. */
  readonly wantsStatusText: boolean;
  /** A response begins. Returns false to refuse it. */
  onBegin(): boolean;
  /** A head, also an interim one. Returns what to expect next. */
  onHead(head: ParsedHead): 'body' | 'no body' | 'stop';
  /** A piece of a body. It is valid only during the call. */
  onBody(piece: Uint8Array): void;
  /** The response, or the interim response, is complete. */
  onEnd(): void;
}

/** Why parsing stopped. */
export interface ParseFault {
  /** llhttp's own words. */
  readonly reason: string;
  /** True if the head that was being parsed is too large. */
  readonly isHeadTooLarge: boolean;
  /** True if that head has a Content-Length other than 0. */
  readonly hasContentLength: boolean;
}

/** Parses the responses of one connection with llhttp, one after the other. */
export class ResponseParser implements LlhttpCallbacks {
  readonly #events: ParserEvents;
  readonly #llhttp: Llhttp = llhttp();
  readonly #pointer: number = this.#llhttp.llhttp_alloc(responseType);
  #isRunning = false;
  #isFreed = false;
  #isHeadComplete = false;
  /** Names and values of the head so far; of the trailer, they are only counted. */
  #fields: string[] = [];
  #headBytes = 0;
  #statusText = '';
  #piece: Buffer = empty;

  constructor(events: ParserEvents) {
    this.#events = events;
  }

  /** Parses a piece of at most `maxPieceBytes`. Returns why it stopped before its end, if it did. */
  execute(piece: Buffer): ParseFault | undefined {
    const input = inputOf(this.#llhttp);
    input.set(piece);
    this.#piece = piece;
    spanCount = 0;
    return this.#run(piece.length);
  }

  /** Ends the input: the server has closed the connection. */
  finish(): ParseFault | undefined {
    spanCount = 0;
    return this.#run(undefined);
  }

  /** Frees the memory of the parser; while it runs, when it returns. */
  free(): void {
    if (this.#isFreed) return;
    this.#isFreed = true;
    if (!this.#isRunning) this.#llhttp.llhttp_free(this.#pointer);
  }

  onMessageBegin(): number {
    this.#isHeadComplete = false;
    this.#headBytes = 0;
    this.#statusText = '';
    this.#fields = [];
    return this.#isFreed || !this.#events.onBegin() ? stop : 0;
  }

  onStatus(at: number, length: number): number {
    // A phrase without end is refused by the connection, as any bytes that are neither head nor body.
    if (this.#events.wantsStatusText && this.#statusText.length < maxHeadBytes) {
      const start = at - inputPointer;
      this.#statusText += this.#piece.toString('latin1', start, start + length);
    }
    return 0;
  }

  onHeaderField(at: number, length: number): number {
    return this.#onSpan(at, length, nameSpan);
  }

  onHeaderValue(at: number, length: number): number {
    return this.#onSpan(at, length, valueSpan);
  }

  onHeadersComplete(status: number, isUpgrade: boolean, isKeptAlive: boolean): number {
    if (this.#isFreed) return stop;
    this.#takeSpans();
    const minorVersion = this.#llhttp.llhttp_get_http_minor(this.#pointer);
    const head = { status, fields: this.#fields, isUpgrade, isKeptAlive, minorVersion, statusText: this.#statusText };
    const next = this.#events.onHead(head);
    this.#isHeadComplete = true;
    this.#headBytes = 0;
    this.#fields = [];
    if (this.#isFreed || next === 'stop') return stop;
    return next === 'no body' ? 1 : 0;
  }

  onBody(at: number, length: number): number {
    if (this.#isFreed) return stop;
    const start = at - inputPointer;
    this.#events.onBody(this.#piece.subarray(start, start + length));
    return this.#isFreed ? stop : 0;
  }

  onMessageComplete(): number {
    if (this.#isFreed) return stop;
    this.#events.onEnd();
    return this.#isFreed ? stop : 0;
  }

  /** Parses so many bytes of the input, or ends it. A closure for the call would be made for every read. */
  #run(length: number | undefined): ParseFault | undefined {
    directCallbacks(this);
    this.#isRunning = true;
    let result: number;
    try {
      result =
        length === undefined
          ? this.#llhttp.llhttp_finish(this.#pointer)
          : this.#llhttp.llhttp_execute(this.#pointer, inputPointer, length);
      if (!this.#isFreed && !this.#isHeadComplete) this.#takeSpans();
    } finally {
      endCallbacks();
      this.#isRunning = false;
      this.#piece = empty;
    }
    const fault = result === 0 ? undefined : this.#fault();
    if (this.#isFreed) this.#llhttp.llhttp_free(this.#pointer);
    return fault;
  }

  #onSpan(at: number, length: number, kind: number): number {
    this.#headBytes += length;
    if (this.#headBytes >= maxHeadBytes) return stop;
    if (this.#isHeadComplete) return 0;
    const start = at - inputPointer;
    spans[spanCount] = kind;
    spans[spanCount + 1] = start;
    spans[spanCount + 2] = start + length;
    spanCount += 3;
    return 0;
  }

  /**
   * Makes texts of the spans of this piece: one text for all, of which each is a part. A name or value that was cut, by the end
   * of a piece or by a line folding, goes on in the next span of its kind.
   */
  #takeSpans(): void {
    if (spanCount === 0) return;
    const from = spans[1]!;
    const text = this.#piece.toString('latin1', from, spans[spanCount - 1]);
    const fields = this.#fields;
    for (let at = 0; at < spanCount; at += 3) {
      const part = text.slice(spans[at + 1]! - from, spans[at + 2]! - from);
      const isNew = (fields.length & 1) === spans[at];
      if (isNew) fields.push(part);
      else fields[fields.length - 1] += part;
    }
    spanCount = 0;
  }

  #fault(): ParseFault {
    const isHeadTooLarge = this.#headBytes >= maxHeadBytes;
    const fields = this.#fields;
    let hasContentLength = false;
    for (let at = 0; at < fields.length && !hasContentLength; at += 2) {
      hasContentLength = /^content-length$/i.test(fields[at]!) && Number(fields[at + 1] ?? 0) !== 0;
    }
    return { reason: this.#reason(), isHeadTooLarge, hasContentLength };
  }

  #reason(): string {
    const at = this.#llhttp.llhttp_get_error_reason(this.#pointer);
    if (at === 0) return '';
    const memory = Buffer.from(this.#llhttp.memory.buffer);
    return memory.toString('latin1', at, memory.indexOf(0, at));
  }
}

const stop = -1;
const empty = Buffer.alloc(0);

// One parser runs at a time, so all share what they need only while they run.
const nameSpan = 0;
const valueSpan = 1;
/** Kind, start and end of each span of the present piece, in turn. */
const spans: number[] = [];
let spanCount = 0;
let inputPointer = 0;
let input: Uint8Array = new Uint8Array(0);

/** The memory of llhttp where pieces are parsed. It moves when that memory grows. */
function inputOf(parser: Llhttp): Uint8Array {
  if (inputPointer === 0) inputPointer = parser.malloc(maxPieceBytes);
  if (input.byteLength === 0) input = new Uint8Array(parser.memory.buffer, inputPointer, maxPieceBytes);
  return input;
}
