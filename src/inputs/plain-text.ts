import { InputError } from './input-error.ts';

/** Removes a byte order mark (UTF-8). Throws an {@link InputError} for input that is clearly not UTF-8 text. */
export async function* plainText(
  chunks: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<Buffer, void, undefined> {
  let front: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    if (front === undefined) {
      yield bytes;
      continue;
    }
    front = Buffer.concat([front, bytes]);
    if (front.length < maxMarkBytes) continue;
    yield withoutMark(front, name);
    front = undefined;
  }
  if (front !== undefined) yield withoutMark(front, name);
}

const maxMarkBytes = 3;

function withoutMark(front: Buffer, name: string): Buffer {
  if (startsWith(front, [0xef, 0xbb, 0xbf])) return front.subarray(3);
  if (startsWith(front, [0xff, 0xfe]) || startsWith(front, [0xfe, 0xff])) {
    throw new InputError(name, 'it is UTF-16; save it as UTF-8, or convert it with: iconv -f UTF-16 -t UTF-8');
  }
  return front;
}

function startsWith(bytes: Buffer, mark: readonly number[]): boolean {
  return mark.every((byte, at) => bytes[at] === byte);
}
