import { InputError } from './input-error.ts';

/**
 * Converts a text to UTF-8 without a byte order mark. A byte order mark decides the charset; UTF-16 is known by it.
 * Throws an {@link InputError} for a file that is plainly not text.
 *
 * @param charset encoding of a text without a byte order mark, by its WHATWG name; UTF-8 by default
 */
export async function* plainText(
  chunks: AsyncIterable<Uint8Array>,
  name: string,
  charset = 'utf-8',
): AsyncGenerator<Buffer, void, undefined> {
  let convert: Convert | undefined;
  let front: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    if (convert !== undefined) {
      yield convert(bytes);
      continue;
    }
    front = Buffer.concat([front, bytes]);
    if (front.length < maxMarkBytes) continue;
    convert = converter(front, name, charset);
    yield convert(front);
  }
  convert ??= converter(front, name, charset);
  if (front.length < maxMarkBytes) yield convert(front);
  yield convert(undefined);
}

/** Converts one chunk; `undefined` is the end. */
type Convert = (bytes: Buffer | undefined) => Buffer;

function converter(front: Buffer, name: string, charset: string): Convert {
  if (startsWith(front, [0x50, 0x4b, 0x03, 0x04])) {
    throw new InputError(name, 'it is a ZIP archive, perhaps an Excel workbook; save it as CSV');
  }
  const marked = marks.find(({ bytes }) => startsWith(front, bytes))?.charset;
  return isUtf8(marked ?? charset) ? withoutMark() : decoding(marked ?? charset);
}

/** UTF-8 stays as it is: decoding and encoding it again would take most of the time. */
function withoutMark(): Convert {
  let isFirst = true;
  return (bytes = Buffer.alloc(0)) => {
    const isMarked = isFirst && startsWith(bytes, [0xef, 0xbb, 0xbf]);
    isFirst = false;
    return isMarked ? bytes.subarray(3) : bytes;
  };
}

function decoding(charset: string): Convert {
  const decoder = new TextDecoder(charset);
  return (bytes) => Buffer.from(bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true }));
}

const maxMarkBytes = 4;

const marks: readonly { readonly bytes: readonly number[]; readonly charset: string }[] = [
  { bytes: [0xef, 0xbb, 0xbf], charset: 'utf-8' },
  { bytes: [0xff, 0xfe], charset: 'utf-16le' },
  { bytes: [0xfe, 0xff], charset: 'utf-16be' },
];

function isUtf8(charset: string): boolean {
  return /^utf-?8$/i.test(charset);
}

function startsWith(bytes: Buffer, mark: readonly number[]): boolean {
  return bytes.length >= mark.length && mark.every((byte, at) => bytes[at] === byte);
}
