import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Spool } from '../../../src/outputs/warc/spool.ts';
import { temporary } from '../../helpers/temporary.ts';

const { path } = temporary('spool');
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

async function read(spool: Spool): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of spool.pieces()) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

test('Spool keeps a short body in memory, and a copy of it', async () => {
  const memory = { held: 0 };
  const at = path();
  const spool = new Spool(at, memory, () => {});
  const piece = Buffer.from('abc');
  expect(spool.write(piece)).toBe(true);
  piece.fill('x');
  await spool.end();
  expect(Buffer.from(spool.bytes!).toString()).toBe('abc');
  expect(spool.sha256).toBe(sha256(Buffer.from('abc')));
  expect([memory.held, existsSync(at)]).toEqual([3, false]);
  spool.close();
  spool.close();
  expect(memory.held).toBe(0);
});

test('Spool writes a long body to a file without a name, in bounded memory', async () => {
  const body = randomBytes(10_000_000);
  const memory = { held: 0 };
  const at = path();
  let room = Promise.withResolvers<void>();
  const spool = new Spool(at, memory, () => room.resolve());
  let waits = 0;
  let most = 0;
  for (let from = 0; from < body.length; from += 65_536) {
    const hasRoom = spool.write(body.subarray(from, from + 65_536));
    most = Math.max(most, memory.held);
    if (hasRoom) continue;
    waits += 1;
    await room.promise;
    room = Promise.withResolvers();
  }
  await spool.end();
  expect(waits).toBeGreaterThan(0);
  expect(most).toBeLessThan(3_000_000);
  expect([spool.bytes, spool.length, memory.held, existsSync(at)]).toEqual([undefined, body.length, 0, false]);
  expect((await read(spool)).equals(body)).toBe(true);
  expect((await read(spool)).equals(body)).toBe(true);
  expect(spool.sha256).toBe(sha256(body));
  spool.close();
});

test('Spool writes short bodies to files, too, when all together take much memory', async () => {
  const memory = { held: 64 * 1024 * 1024 };
  const spool = new Spool(path(), memory, () => {});
  spool.write(Buffer.from('abc'));
  await spool.end();
  expect(spool.bytes).toBe(undefined);
  expect((await read(spool)).toString()).toBe('abc');
  spool.close();
  expect(memory.held).toBe(64 * 1024 * 1024);
});

test('Spool tells at the end that its file could not be made, and holds nobody up', async () => {
  const memory = { held: 0 };
  const spool = new Spool(path('/nowhere/file'), memory, () => {});
  for (let at = 0; at < 100; at += 1) expect(spool.write(randomBytes(65_536))).toBe(true);
  await expect(spool.end()).rejects.toMatchObject({ code: 'FILE_IO' });
  expect(memory.held).toBe(0);
  spool.close();
});
