import type { ClientHttp2Stream, IncomingHttpStatusHeader } from 'node:http2';

/** The user of a stream. */
export interface StreamUser {
  /** An interim response (1xx), or a trailer that does not end the stream. */
  onInterim(): void;
  /** The head of a response. `fields` is a flat list: name, value, name, value, ... */
  onResponse(status: number, fields: readonly string[]): void;
  /** A piece of the body, which is the user's. Returns false if no more should come. */
  onPiece(piece: Buffer): boolean;
  /** The server has ended the stream (END_STREAM). */
  onEnd(): void;
  /** A frame could not be sent. `code` is nghttp2's. */
  onFrameError(code: number): void;
  onError(error: NodeJS.ErrnoException): void;
  /** The stream is over, in whatever way. */
  onClose(): void;
}

const userOf: unique symbol = Symbol('user');
type UsedStream = ClientHttp2Stream & { [userOf]?: StreamUser | undefined };

/**
 * Connects a stream with its user. All streams share their listeners, and pieces do not pass through Node's readable side: both
 * would cost more than the rest of a small response.
 */
export function useStream(stream: UsedStream, user: StreamUser): void {
  stream[userOf] = user;
  stream.push = push;
  stream.on('headers', onHeaders);
  stream.on('response', onResponse);
  stream.on('frameError', onFrameError);
  stream.on('error', onError);
  stream.on('close', onClose);
}

/** Lets a stream go. Node keeps its streams for a while, and all that they refer to with them. */
export function leaveStream(stream: UsedStream): void {
  stream[userOf] = undefined;
}

/** Lets the server send more: at first, and after `onPiece` has returned false. */
export function readOn(stream: ClientHttp2Stream): void {
  // Node does this itself when its readable side is read, but that side never gets the pieces.
  // oxlint-disable-next-line no-underscore-dangle -- it has no other name
  if (!stream.destroyed) stream._read(0);
}

function push(this: UsedStream, piece: Buffer | null): boolean {
  const user = this[userOf];
  if (piece !== null) return user === undefined || user.onPiece(piece);
  // Node ends a stream in the same way when its server reset it with NO_ERROR or CANCEL in mid-body, but then the stream is
  // closed already.
  if (!this.closed) user?.onEnd();
  return Object.getPrototypeOf(this).push.call(this, null) as boolean;
}

function onHeaders(this: UsedStream): void {
  this[userOf]?.onInterim();
}

function onResponse(
  this: UsedStream,
  { ':status': status }: IncomingHttpStatusHeader,
  _flags: number,
  fields: readonly string[],
): void {
  this[userOf]?.onResponse(Number(status), fields);
}

function onFrameError(this: UsedStream, _type: number, code: number): void {
  this[userOf]?.onFrameError(code);
}

function onError(this: UsedStream, error: NodeJS.ErrnoException): void {
  this[userOf]?.onError(error);
}

function onClose(this: UsedStream): void {
  this[userOf]?.onClose();
}
