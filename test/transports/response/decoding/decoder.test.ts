import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import zlib from 'node:zlib';
import { describe, expect, test, vi } from 'vitest';
import { createDecoder, type Decoder } from '../../../../src/transports/response/decoding/decoder.ts';
import { FetchError } from '../../../../src/http/error.ts';
import { decode, split } from './decode.ts';

// Long enough for matches, a chunk border and two zlib chunks, with a part that cannot be compressed.
const noise = Buffer.from(Array.from({ length: 300 }, (_, index) => (index * index * 31 + index * 7) % 251));
const text = Buffer.concat([Buffer.from('fetchmany '.repeat(1800)), noise]);
const encoders = {
  gzip: (body: Uint8Array) => zlib.gzipSync(body),
  deflate: (body: Uint8Array) => zlib.deflateSync(body),
  'deflate, raw': (body: Uint8Array) => zlib.deflateRawSync(body),
  br: (body: Uint8Array) => zlib.brotliCompressSync(body),
  zstd: (body: Uint8Array) => zlib.zstdCompressSync(body),
  'zstd, checksum': (body: Uint8Array) => zlib.zstdCompressSync(body, checksum),
};
const checksum = { params: { [zlib.constants.ZSTD_c_checksumFlag]: 1 } };
const codings = Object.entries(encoders).map(([name, encode]) => ({ name, label: name.split(',')[0] ?? '', encode }));
const chunkSizes = [1, 20, Infinity];
const skippable = Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);

describe.each(chunkSizes)('createDecoder() in chunks of %d', (chunkSize) => {
  const decodes = async (label: string, wire: Uint8Array, expected: Uint8Array): Promise<void> => {
    const { bytes, events, error } = await decode(label, wire, chunkSize);
    expect(error).toBeUndefined();
    expect(bytes.equals(expected)).toBe(true);
    expect(events).toEqual(expected.length === 0 ? ['end'] : ['data', 'end']);
  };
  const fails = async (label: string, wire: Uint8Array, code = 'DECODE_FAILED'): Promise<void> => {
    const { events, error } = await decode(label, wire, chunkSize);
    expect(error).toBeInstanceOf(FetchError);
    expect(error?.code).toBe(code);
    expect(events.filter((event) => event !== 'data')).toEqual(['error']);
  };

  describe.each(codings)('$name', ({ label, encode }) => {
    test('decodes a body', () => decodes(label, encode(text), text));

    test.each([1, 16_383, 16_384, 16_385, 32_768, 200_000])('decodes a body of %d bytes', (length) => {
      const body = Buffer.alloc(length, text);
      return decodes(label, encode(body), body);
    });

    test('decodes the coded form of an empty body', () => decodes(label, encode(Buffer.alloc(0)), Buffer.alloc(0)));

    test('accepts a body without bytes', () => decodes(label, Buffer.alloc(0), Buffer.alloc(0)));

    test('fails when truncated', async () => {
      const wire = encode(text);
      for (const length of [1, 2, 3, 5, 10, wire.length >> 1, wire.length - 4, wire.length - 1]) {
        await fails(label, wire.subarray(0, length));
      }
    });

    test('delivers the data before a truncation', async () => {
      const body = Buffer.from(Array.from({ length: 400_000 }, (_, index) => (index * index * 31) >> (index % 13)));
      const wire = encode(body);
      const { bytes, error } = await decode(label, wire.subarray(0, wire.length - 1), Math.max(chunkSize, 20));
      expect(error?.code).toBe('DECODE_FAILED');
      expect(bytes.length).toBeGreaterThan(100_000);
      expect(body.subarray(0, bytes.length).equals(bytes)).toBe(true);
    });

    test('fails on a body that is not coded', async () => {
      await fails(label, Buffer.from('<!doctype html><html><title>Not coded at all</title></html>'));
      await fails(label, Buffer.from('{"coded":false}'));
    });

    test('fails on bytes after the coded data', async () => {
      for (const garbage of ['garbage', '\0', '\0\0\0\0garbage', '\r\n', '\x1f', '(']) {
        await fails(label, Buffer.concat([encode(text), Buffer.from(garbage)]));
      }
    });
  });

  test.each(['gzip', 'deflate', 'br', 'zstd'])('fails when %s is the label of another coding', async (label) => {
    for (const other of codings) {
      if (other.label !== label) await fails(label, other.encode(text));
    }
  });

  test.each(['gzip', 'deflate', 'zstd, checksum'] as const)('fails when %s has a flipped bit', async (name) => {
    const wire = Buffer.from(encoders[name](text));
    wire.writeUInt8(wire.readUInt8(wire.length - 3) ^ 1, wire.length - 3);
    await fails(name.split(',')[0] ?? '', wire);
  });

  test('decodes several gzip members', async () => {
    const member = zlib.gzipSync(text);
    await decodes('gzip', Buffer.concat([member, zlib.gzipSync(''), member]), Buffer.concat([text, text]));
    await fails('gzip', Buffer.concat([member, member.subarray(0, -1)]));
  });

  test('decodes several zstd frames and skips skippable ones', async () => {
    const frame = zlib.zstdCompressSync(text);
    const empty = zlib.zstdCompressSync('');
    const frames = [skippable, frame, empty, encoders['zstd, checksum'](noise), skippable, skippable, frame];
    await decodes('zstd', Buffer.concat(frames), Buffer.concat([text, noise, text]));
    await decodes('zstd', skippable, Buffer.alloc(0));
    await fails('zstd', Buffer.concat([...frames, skippable.subarray(0, -1)]));
    await fails('zstd', Buffer.concat([frame, frame.subarray(0, 3)]));
    await fails('zstd', Buffer.concat([frame, frame.subarray(0, -1)]));
  });

  test.each(['GZIP', 'x-gzip', ' gzip ', 'X-Gzip', 'gzip,', ',gzip', 'identity, gzip', 'gzip,Identity', '\tgzip\t'])(
    'takes %j for gzip',
    (label) => decodes(label, zlib.gzipSync(text), text),
  );

  test('undoes several codings in reverse order', async () => {
    const { gzip, deflate, br, zstd, 'deflate, raw': raw } = encoders;
    await decodes('gzip, gzip', gzip(gzip(text)), text);
    await decodes('deflate, identity, gzip', gzip(raw(text)), text);
    await decodes('gzip,deflate,br,zstd,x-gzip', gzip(zstd(br(deflate(gzip(text))))), text);
    await decodes('gzip, br', Buffer.alloc(0), Buffer.alloc(0));
    await decodes('zstd, br', br(Buffer.alloc(0)), Buffer.alloc(0));
  });

  test('fails if any of several codings is corrupt', async () => {
    const { gzip, br, zstd } = encoders;
    await fails('gzip, br', gzip(text));
    await fails('gzip, br', br(gzip(text)).subarray(0, -1));
    await fails('gzip, br', br(gzip(text).subarray(0, -1)));
    await fails('gzip, br', br(text));
    await fails('zstd, br', br(zstd(text).subarray(0, -1)));
    await fails('gzip, br, zstd', zstd(br(text)));
  });

  test.each(['xyz', 'gzip, xyz', 'compress', 'gzip;q=1', 'gzip br', Array(6).fill('gzip').join(), 'br,'.repeat(12)])(
    'refuses %j at the first byte',
    async (label) => {
      await fails(label, zlib.gzipSync(text), 'ENCODING_UNSUPPORTED');
      await decodes(label, Buffer.alloc(0), Buffer.alloc(0));
    },
  );
});

test.each(['', ' ', ',', 'identity', 'Identity , identity'])('createDecoder() returns nothing for %j', (label) => {
  expect(createDecoder(label, silent)).toBeUndefined();
});

const zeros = Buffer.alloc(64 << 20);
const bombs = [
  { name: 'gzip', label: 'gzip', wire: zlib.gzipSync(zeros) },
  { name: 'deflate', label: 'deflate', wire: zlib.deflateSync(zeros) },
  { name: 'br', label: 'br', wire: zlib.brotliCompressSync(zeros) },
  { name: 'zstd', label: 'zstd', wire: zlib.zstdCompressSync(zeros) },
  { name: 'gzip in gzip', label: 'gzip, gzip', wire: zlib.gzipSync(zlib.gzipSync(zeros)) },
  { name: 'many gzip members', label: 'gzip', wire: Buffer.concat(Array(30).fill(zlib.gzipSync(zeros))) },
  { name: 'many zstd frames', label: 'zstd', wire: Buffer.concat(Array(60).fill(zlib.zstdCompressSync(zeros))) },
];
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const silent = { onData: (): void => {}, onEnd: (): void => {}, onError: (): void => {}, onDrain: (): void => {} };

/**
 * Returns the CPU time of this process in the quietest of four periods of 50 ms: its other threads may work for a
 * moment.
 */
async function quietestMs(): Promise<number> {
  let quietest = Infinity;
  for (let period = 0; period < 4; period += 1) {
    const before = process.cpuUsage();
    await sleep(50);
    const { user, system } = process.cpuUsage(before);
    quietest = Math.min(quietest, (user + system) / 1000);
  }
  return quietest;
}

describe.each(bombs)('Decoder on a bomb of $name', ({ label, wire }) => {
  test('destroy() in onData stops it, and no event follows', async () => {
    const limit = 1 << 20;
    let length = 0;
    const after: string[] = [];
    let decoder: Decoder | undefined;
    await new Promise<void>((resolve) => {
      decoder = createDecoder(label, {
        onData: (chunk) => {
          if (length > limit) after.push('data');
          length += chunk.length;
          if (length <= limit) return;
          decoder?.destroy();
          resolve();
        },
        onEnd: () => after.push('end'),
        onError: () => after.push('error'),
        onDrain: () => length > limit && after.push('drain'),
      });
      decoder?.write(wire);
      decoder?.end();
    });
    const busyMs = await quietestMs();
    expect(length).toBeLessThanOrEqual(limit + 16 * 1024);
    expect(after).toEqual([]);
    // The largest of them would keep a thread busy for all of these 200 ms.
    expect(busyMs).toBeLessThan(30);
    decoder?.write(wire);
    decoder?.end();
    decoder?.destroy();
    await sleep(5);
    expect(after).toEqual([]);
  });

  test('delivers chunks of 16 KB at most', async () => {
    let largest = 0;
    let length = 0;
    await new Promise<void>((resolve) => {
      const decoder = createDecoder(label, {
        ...silent,
        onData: (chunk) => {
          largest = Math.max(largest, chunk.length);
          length += chunk.length;
          if (length > 8 << 20) {
            decoder?.destroy();
            resolve();
          }
        },
      });
      decoder?.write(wire);
    });
    expect(largest).toBe(16 * 1024);
  });

  test('pause() stops it and resume() continues', async () => {
    let length = 0;
    const begun = Promise.withResolvers<void>();
    const onData = (chunk: Buffer): void => {
      length += chunk.length;
      begun.resolve();
    };
    const decoder = createDecoder(label, { ...silent, onData });
    decoder?.pause();
    decoder?.write(wire);
    await sleep(20);
    expect(length).toBe(0);
    decoder?.resume();
    await begun.promise;
    decoder?.pause();
    const held = length;
    await sleep(20);
    expect(length).toBe(held);
    decoder?.destroy();
  });
});

test('Decoder.write() returns false while much is not decoded, and onDrain() follows', async () => {
  const wire = Buffer.concat([zlib.gzipSync(noise), zlib.gzipSync(zeros), zlib.gzipSync(zeros), zlib.gzipSync(zeros)]);
  const answers: (boolean | undefined)[] = [];
  await new Promise<void>((resolve) => {
    const decoder = createDecoder('gzip', { ...silent, onDrain: resolve });
    for (const chunk of split(wire, 65_536)) answers.push(decoder?.write(chunk));
  });
  expect(answers).toEqual([true, false, false]);
});

test('Decoder in a chain does not run ahead of a slow consumer', async () => {
  // The first stage makes 64 MB, which would otherwise queue up before the second.
  const fast = { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 2 } };
  const wire = zlib.brotliCompressSync(zlib.deflateRawSync(zeros, { level: 0 }), fast);
  expect(wire.length).toBeLessThan(65_536);
  const decoder = createDecoder('deflate, br', silent);
  decoder?.pause();
  collectGarbage();
  const before = process.memoryUsage().arrayBuffers;
  decoder?.write(wire);
  await sleep(300);
  collectGarbage();
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 << 20);
  decoder?.destroy();
});

test('Decoder in a chain continues when the later stage has caught up', async () => {
  const body = Buffer.alloc(8 << 20, noise);
  const stored = zlib.deflateRawSync(body, { level: 0 });
  const wire = zlib.zstdCompressSync(zlib.gzipSync(stored, { level: 0 }));
  const { bytes, events } = await decode('deflate, gzip, zstd', wire, 65_536);
  expect(events).toEqual(['data', 'end']);
  expect(bytes.equals(body)).toBe(true);
});

test.each([
  { log: 23, length: 9 << 20, code: undefined },
  { log: 24, length: 0, code: 'DECODE_FAILED' },
])('Decoder on a zstd window of 2^$log bytes, where 8 MB are the limit', async ({ log, length, code }) => {
  const { ZSTD_c_windowLog: windowLog, ZSTD_c_contentSizeFlag: contentSize } = zlib.constants;
  const wire = zlib.zstdCompressSync(Buffer.alloc(9 << 20), { params: { [windowLog]: log, [contentSize]: 0 } });
  const { bytes, error } = await decode('zstd', wire, Infinity);
  expect(error?.code).toBe(code);
  expect(bytes.length).toBe(length);
});

test('Decoder errors name the reason and have a cause', async () => {
  const { error } = await decode('gzip', Buffer.from('hello'), Infinity);
  expect(error?.message).toBe('Cannot decode body as gzip: incorrect header check');
  expect(error?.cause).toMatchObject({ code: 'Z_DATA_ERROR' });
  expect(error?.retryable).toBe(false);
  const unknown = await decode('gzip, "\u001b[2J', Buffer.from('hello'), Infinity);
  expect(unknown.error?.message).toBe('Cannot decode body: unknown content coding "\\"\\u001b[2j"');
});

test('Decoder without memory is LOCAL_MEMORY', async () => {
  const refused = Object.assign(new Error('Initialization failed'), { code: 'ERR_ZLIB_INITIALIZATION_FAILED' });
  const opened = vi.spyOn(zlib, 'createGunzip').mockImplementation(() => {
    throw refused;
  });
  const { error, events } = await decode('gzip', Buffer.from('hello'), 1);
  opened.mockRestore();
  expect(error).toMatchObject({ code: 'LOCAL_MEMORY', retryable: true, cause: refused });
  expect(events).toEqual(['error']);
});

test('Decoder.destroy() may come before the first byte, and twice', async () => {
  const events: string[] = [];
  for (const label of ['gzip', 'gzip, br', 'xyz']) {
    const decoder = createDecoder(label, {
      onData: () => events.push('data'),
      onEnd: () => events.push('end'),
      onError: () => events.push('error'),
      onDrain: () => events.push('drain'),
    });
    decoder?.destroy();
    decoder?.write(zlib.gzipSync('hello'));
    decoder?.end();
    decoder?.destroy();
  }
  await sleep(5);
  expect(events).toEqual([]);
});

test('Decoder closes its stream however it ends', async () => {
  const wire = zlib.brotliCompressSync(text);
  const opened = vi.spyOn(zlib, 'createBrotliDecompress');
  await decode('br', wire, 1000);
  await decode('br', wire.subarray(0, -1), 1000);
  await decode('br', Buffer.concat([wire, wire]), 1000);
  await decode('br', Buffer.from('not brotli'), 1000);
  await decode('gzip, br', wire, 1000);
  const left = createDecoder('gzip, br', silent);
  left?.write(wire.subarray(0, 10));
  left?.destroy();
  const streams = opened.mock.results.map(({ value }) => value as zlib.BrotliDecompress);
  expect(streams.map(({ destroyed }) => destroyed)).toEqual(Array(6).fill(true));
  opened.mockRestore();
});
