import { FetchError } from '../../../http/error.ts';
import { type Coding, parseContentEncoding } from './content-encoding.ts';
import { Stage, type DecoderEvents } from './stage.ts';

/** Undoes the content coding of one body as it arrives. Holds native memory, so it must be ended or destroyed. */
export interface Decoder {
  /** Takes wire bytes, not to be changed afterwards. `false` asks to wait for `onDrain`; to go on costs only memory. */
  write(chunk: Uint8Array): boolean;
  /** True while wire bytes wait to be decoded. */
  readonly isBusy: boolean;
  /** Ends the coded data: there are no more wire bytes. */
  end(): void;
  /** Holds the data back, and soon the work too, until `resume()`. */
  pause(): void;
  /** Lets the data come again. */
  resume(): void;
  /** Stops the work and frees the memory. May be called at any time, in an event too, and again. */
  destroy(): void;
}

/**
 * The decoder for a `Content-Encoding` header; `undefined` when it asks for nothing to be undone. A header that we
 * cannot satisfy is an error at the first byte and not here, for a body without bytes (HEAD, 204, 304) is whole
 * whatever its label says.
 */
export function createDecoder(contentEncoding: string, events: DecoderEvents): Decoder | undefined {
  const codings = parseContentEncoding(contentEncoding);
  if (typeof codings === 'string') return refuse(codings, events);
  const [first, ...rest] = codings;
  return first === undefined ? undefined : connect(first, rest, events);
}

function refuse(reason: string, events: DecoderEvents): Decoder {
  let closed = false;
  const close = (tell: () => void): void => {
    if (closed) return;
    closed = true;
    tell();
  };
  return {
    write: ({ length }) => {
      const error = new FetchError('ENCODING_UNSUPPORTED', `Cannot decode body: ${reason}`);
      if (length > 0) close(() => events.onError(error));
      return true;
    },
    isBusy: false,
    end: () => close(() => events.onEnd()),
    pause: () => {},
    resume: () => {},
    destroy: () => close(() => {}),
  };
}

/** The first coding's stage in front of the decoder for the rest, each waiting for the one after it. */
function connect(first: Coding, [second, ...others]: readonly Coding[], events: DecoderEvents): Decoder {
  if (second === undefined) return new Stage(first, events);
  const rest = connect(second, others, {
    onData: (chunk) => events.onData(chunk),
    onEnd: () => events.onEnd(),
    onError: (error) => {
      stage.destroy();
      events.onError(error);
    },
    onDrain: () => stage.resume(),
  });
  const stage = new Stage(first, {
    onData: (chunk) => {
      if (!rest.write(chunk)) stage.pause();
    },
    onEnd: () => rest.end(),
    onError: (error) => {
      rest.destroy();
      events.onError(error);
    },
    onDrain: () => events.onDrain(),
  });
  return {
    write: (chunk) => stage.write(chunk),
    get isBusy() {
      return stage.isBusy;
    },
    end: () => stage.end(),
    pause: () => rest.pause(),
    resume: () => rest.resume(),
    destroy: () => {
      stage.destroy();
      rest.destroy();
    },
  };
}
