import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { InputError } from './input-error.ts';

/**
 * Decompresses gzip, known by its first two bytes, as it arrives. Passes everything else on. Throws an {@link InputError}
 * where the data is cut off or damaged, after the chunks before that.
 *
 * @param mustBeGzip rejects data that is not gzip
 */
export async function* unpack(
  chunks: AsyncIterable<Uint8Array>,
  name: string,
  mustBeGzip: boolean = name.toLowerCase().endsWith('.gz'),
): AsyncGenerator<Uint8Array, void, undefined> {
  const iterator = chunks[Symbol.asyncIterator]();
  try {
    const front = await readFront(iterator);
    const all = joined(front, iterator);
    if (isGzip(front)) yield* gunzip(all, name);
    else if (mustBeGzip) throw new InputError(name, 'it is not gzip, although its name ends in .gz');
    else yield* all;
  } finally {
    await iterator.return?.();
  }
}

/** Reads until there are two bytes, or no more. */
async function readFront(iterator: AsyncIterator<Uint8Array>): Promise<Uint8Array> {
  let front: Uint8Array = new Uint8Array();
  while (front.length < 2) {
    const { done, value } = await iterator.next();
    if (done) break;
    front = front.length === 0 ? value : Buffer.concat([front, value]);
  }
  return front;
}

function isGzip(front: Uint8Array): boolean {
  return front[0] === 0x1f && front[1] === 0x8b;
}

async function* joined(
  front: Uint8Array,
  iterator: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (front.length > 0) yield front;
  for (let step = await iterator.next(); !step.done; step = await iterator.next()) yield step.value;
}

async function* gunzip(packed: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array, void, undefined> {
  const source = Readable.from(packed, { objectMode: false, highWaterMark: 64 * 1024 });
  // Chunks are passed on as they arrive, however small: the list may still be growing.
  const unpacked = pipeline(source, createGunzip(), () => {});
  try {
    for await (const chunk of unpacked) yield chunk as Uint8Array;
  } catch (cause) {
    throw cause instanceof InputError ? cause : new InputError(name, reasonOf(cause), { cause });
  }
}

function reasonOf(cause: unknown): string {
  const isCutOff = cause instanceof Error && 'code' in cause && cause.code === 'Z_BUF_ERROR';
  return isCutOff ? 'its gzip data is cut off; download it again' : 'its gzip data is damaged; check it with: gzip -t';
}
