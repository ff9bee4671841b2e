import { FetchError } from '../../../http/error.ts';
import { type Coding, parseContentEncoding } from './content-encoding.ts';
import { Stage, type DecoderEvents } from './stage.ts';

/** Undoes the content coding of one body as it arrives. It holds native memory, so it must be ended or destroyed. */
export interface Decoder {
  /**
   * Takes wire bytes, which must not change afterwards. `false` asks to wait for `onDrain`; going on costs only memory.
   */
  write(chunk: Uint8Array): boolean;
  /** True while wire bytes wait to be decoded. */
  readonly isBusy: boolean;
  /** Ends the coded data: there are no more wire bytes. */
  end(): void;
  /** Stops delivering data, and soon decoding too, until `resume()`. */
  pause(): void;
  /** Continues after `pause()`. */
  resume(): void;
  /** Stops and frees the memory. May be called at any time, also in an event, and again. */
  destroy(): void;
}

/**
 * Creates the decoder for a `Content-Encoding` header; returns `undefined` if there is nothing to undo. An unsupported
 * coding is an error at the first byte and not here, because a body without bytes (HEAD, 204, 304) is whole whatever
 * its header says.
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

/** Puts the stage of the first coding in front of the decoder for the rest. Each waits for the one after it. */
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
