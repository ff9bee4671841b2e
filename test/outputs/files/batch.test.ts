import { describe, expect, test } from 'vitest';
import { Batch } from '../../../src/outputs/files/batch.ts';
import { OutputError } from '../../../src/outputs/files/output-error.ts';
import type { Writer } from '../../../src/outputs/files/writer.ts';

/** Creates a writer that records its writes; each waits for `ready`. */
function fakeWriter(ready: () => Promise<void> = async () => {}) {
  const writes: string[] = [];
  const writer: Writer = {
    async write(bytes) {
      writes.push(bytes.toString());
      await ready();
    },
    async close() {
      writes.push('closed');
    },
  };
  return { writer, writes };
}

const row = `${'x'.repeat(999)}\n`;
const tick = (milliseconds = 0) => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe('Batch', () => {
  test('writes a piece within milliseconds, and pieces that arrive together in one write', async () => {
    const { writer, writes } = fakeWriter();
    const output = new Batch(writer, 'x');
    expect([output.write('a\n'), output.write('b\n')]).toEqual([undefined, undefined]);
    expect(writes).toEqual([]);
    await tick(50);
    expect(writes).toEqual(['a\nb\n']);
    await output.close();
    expect(writes).toEqual(['a\nb\n', 'closed']);
  });

  test('writes the rest once when it is closed', async () => {
    const { writer, writes } = fakeWriter();
    const output = new Batch(writer, 'x');
    void output.write('a');
    await Promise.all([output.close(), output.close()]);
    expect(writes).toEqual(['a', 'closed']);
  });

  test('lets the producer wait once a batch is full, and loses nothing', async () => {
    const first = Promise.withResolvers<void>();
    const { writer, writes } = fakeWriter(() => first.promise);
    const output = new Batch(writer, 'x');
    let pieces = 0;
    let room: Promise<void> | undefined;
    while (room === undefined && pieces < 1000) {
      room = output.write(row);
      pieces += 1;
    }
    expect(pieces).toBe(66);
    let waited = true;
    void room!.then(() => (waited = false));
    await tick(30);
    expect(waited).toBe(true);
    first.resolve();
    await room;
    await output.write('end');
    await output.close();
    expect(writes.join('')).toBe(`${row.repeat(66)}endclosed`);
  });

  test('keeps the order while a write is slow', async () => {
    const { writer, writes } = fakeWriter(() => tick(5) as Promise<void>);
    const output = new Batch(writer, 'x');
    const pieces = Array.from({ length: 50 }, (_, index) => `${index} ${row.repeat(3)}`);
    for (const piece of pieces) {
      await output.write(piece);
      await tick();
    }
    await output.close();
    expect(writes.join('')).toBe(`${pieces.join('')}closed`);
  });

  test('rejects every call after a failure, with the same error', async () => {
    const { writer, writes } = fakeWriter(async () => {
      throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    });
    const output = new Batch(writer, 'out.csv');
    expect(output.write('a\n')).toBeUndefined();
    await tick(50);
    const message = 'Cannot write to out.csv: no disk space left (DISK_FULL); free some, or write elsewhere';
    await expect(output.write('b\n')).rejects.toThrow(message);
    await expect(output.write('c\n')).rejects.toThrow(OutputError);
    await expect(output.close()).rejects.toThrow(message);
    expect(writes).toEqual(['a\n', 'closed']);
  });

  test('reports a failure to close', async () => {
    const output = new Batch(
      { write: async () => {}, close: () => Promise.reject(Object.assign(new Error(), { code: 'EIO' })) },
      'x',
    );
    await expect(output.close()).rejects.toThrow('Cannot write to x: the device failed (EIO)');
  });

  test('refuses a piece after the close', async () => {
    const output = new Batch(fakeWriter().writer, 'x');
    await output.close();
    await expect(output.write('a')).rejects.toThrow(TypeError);
  });
});

describe('OutputError', () => {
  test.each([
    ['EPIPE', true],
    ['ECONNRESET', true],
    ['EIO', false],
  ])('distinguishes a reader that has gone from a fault: %s', (code, closedByReader) => {
    expect(OutputError.from('x', Object.assign(new Error(code), { code })).closedByReader).toBe(closedByReader);
  });

  test('is one line, in which text from outside is escaped', () => {
    expect(OutputError.from('a\u001b[2J\nb', Object.assign(new Error(), { code: 'EROFS' })).message).toBe(
      String.raw`Cannot write to a\x1b[2J\x0ab: its file system is read-only`,
    );
  });
});
