import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { BodyFile } from '../../../src/outputs/bodies/body-file.ts';
import { BodyFolder } from '../../../src/outputs/bodies/body-folder.ts';
import { temporary } from '../../helpers/temporary.ts';

const { path } = temporary('bodies');
let folder: BodyFolder | undefined;

afterEach(() => folder?.close());

function open(part = 'one.part') {
  folder ??= new BodyFolder(path());
  const events = { onDrain: vi.fn(), onError: vi.fn() };
  return { folder, events, file: new BodyFile(folder, part, events) };
}

afterEach(() => {
  folder = undefined;
});

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Writes bytes in pieces, and waits for room where the file asks for it. */
async function writeAll(
  { file, events }: ReturnType<typeof open>,
  bytes: Uint8Array,
  pieceBytes: number,
): Promise<void> {
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    const calls = events.onDrain.mock.calls.length;
    const piece = Uint8Array.from(bytes.subarray(at, at + pieceBytes));
    if (!file.write(piece)) await vi.waitFor(() => expect(events.onDrain.mock.calls.length).toBeGreaterThan(calls));
    piece.fill(0);
  }
  await file.end();
}

describe('BodyFile', () => {
  test.each([
    [0, 1],
    [1, 1],
    [3000, 1],
    [65_536, 1000],
    [65_537, 1000],
    [200_000, 65_536],
    [5_000_000, 16_384],
    [3_000_000, 3_000_000],
  ])('saves %i bytes that come in pieces of %i, and hashes them', async (length, pieceBytes) => {
    const bytes = randomBytes(length);
    const opened = open();
    await writeAll(opened, bytes, pieceBytes);
    expect(opened.file.sha256).toBe(sha256(bytes));
    opened.file.place('a/b.bin');
    expect(readFileSync(join(opened.folder.path, 'a/b.bin')).equals(bytes)).toBe(true);
    expect(readdirSync(join(opened.folder.path, '.fetchmany'))).toEqual(['folder.lock']);
  });

  test('keeps bodies apart that are written at the same time, while others end and are dropped', async () => {
    const lengths = [10, 1000, 5000, 16_384, 16_385, 70_000, 300_000, 1_200_000];
    const bodies = Array.from({ length: 48 }, (_, at) => ({
      bytes: randomBytes(lengths[at % lengths.length]!),
      opened: open(`${at}.part`),
      name: `${at}`,
      at: 0,
    }));
    for (const { opened, bytes } of bodies.splice(40)) {
      opened.file.write(bytes);
      opened.file.discard();
    }
    const files = [...bodies];
    for (let turn = 0; bodies.length > 0; turn = (turn + 1) % bodies.length) {
      const body = bodies[turn % bodies.length]!;
      body.opened.file.write(body.bytes.subarray(body.at, (body.at += 9000)));
      if (body.at < body.bytes.length) continue;
      bodies.splice(bodies.indexOf(body), 1);
      await body.opened.file.end();
      body.opened.file.place(body.name);
      if (bodies.length === 0) break;
    }
    for (const { opened, name, bytes } of files) {
      expect([name, readFileSync(join(opened.folder.path, name)).equals(bytes)]).toEqual([name, true]);
    }
  });

  test('asks the sender to wait when more than half a megabyte is unwritten', async () => {
    const opened = open();
    expect(opened.file.write(randomBytes(4_000_000))).toBe(false);
    await vi.waitFor(() => expect(opened.events.onDrain).toHaveBeenCalledTimes(1));
    await opened.file.end();
    opened.file.place('x');
    expect(opened.file.length).toBe(4_000_000);
  });

  test.each([10, 300_000])('leaves nothing of %i bytes when it is discarded', async (length) => {
    const opened = open();
    opened.file.write(randomBytes(length));
    opened.file.discard();
    await vi.waitFor(() => expect(readdirSync(join(opened.folder.path, '.fetchmany'))).toEqual(['folder.lock']));
  });

  test.each([10, 300_000])('continues a part of %i bytes, cut back', async (length) => {
    const bytes = randomBytes(length + 500);
    const first = open();
    first.file.write(bytes.subarray(0, length));
    await first.file.end();
    first.file.discard(true);
    await vi.waitFor(() => expect(existsSync(join(first.folder.path, '.fetchmany/one.part'))).toBe(true));
    const second = open();
    second.file.continueAt(length - 5);
    second.file.write(bytes.subarray(length - 5));
    await second.file.end();
    second.file.place('whole');
    expect(readFileSync(join(second.folder.path, 'whole')).equals(bytes)).toBe(true);
    expect(second.file.sha256).toBe(sha256(bytes));
  });

  test('refuses to continue a part that has become shorter', () => {
    const opened = open();
    writeFileSync(opened.folder.partPath('one.part'), 'abc');
    // Cutting a file to a length beyond its end makes it longer, with zeros: never take those for the body.
    expect(() => opened.file.continueAt(10)).toThrow(expect.objectContaining({ code: 'FILE_IO' }));
  });

  test('fails with FILE_IO where a symbolic link leads out of the folder', async () => {
    const outside = path();
    mkdirSync(outside);
    const opened = open();
    symlinkSync(outside, join(opened.folder.path, 'sub'));
    opened.file.write(Buffer.from('x'));
    await opened.file.end();
    expect(() => opened.file.place('sub/x')).toThrow(expect.objectContaining({ code: 'FILE_IO' }));
    expect(readdirSync(outside)).toEqual([]);
  });

  test('replaces a symbolic link of its name, and not what the link points to', async () => {
    const outside = path();
    writeFileSync(outside, 'theirs');
    const opened = open();
    symlinkSync(outside, join(opened.folder.path, 'x'));
    opened.file.write(Buffer.from('ours'));
    await opened.file.end();
    opened.file.place('x');
    expect(readFileSync(outside, 'utf8')).toBe('theirs');
    expect(readFileSync(join(opened.folder.path, 'x'), 'utf8')).toBe('ours');
  });

  test('fails with FILE_IO where a folder has its name, and leaves no part', async () => {
    const opened = open();
    mkdirSync(join(opened.folder.path, 'd/e'), { recursive: true });
    opened.file.write(Buffer.from('x'));
    await opened.file.end();
    expect(() => opened.file.place('d')).toThrow(expect.objectContaining({ code: 'FILE_IO' }));
    expect(readdirSync(join(opened.folder.path, '.fetchmany'))).toEqual(['folder.lock']);
  });
});

test('BodyFolder refuses a folder that another holder has', () => {
  const { folder: held } = open();
  expect(() => new BodyFolder(held.path)).toThrow(/Cannot write to/);
});
