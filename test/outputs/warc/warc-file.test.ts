import { appendFileSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { OutputError } from '../../../src/outputs/files/output-error.ts';
import { WarcFile } from '../../../src/outputs/warc/warc-file.ts';
import { temporary } from '../../helpers/temporary.ts';

const { path, file: fileOf } = temporary('warc-file');
const text = (at: string): string => gunzipSync(readFileSync(at)).toString();

async function* pieces(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const piece of texts) yield Buffer.from(piece);
}

async function filled(at: string): Promise<number[]> {
  const file = new WarcFile(at, { start: 'new', durable: true });
  const offsets = await Promise.all([
    file.append([Buffer.from('first ')]),
    file.append([pieces('sec', 'ond '), Buffer.from('third ')]),
    file.append([Buffer.from('fourth ')]),
  ]);
  await file.close();
  return [...offsets, statSync(at).size];
}

describe('WarcFile', () => {
  test('appends members in the order of the calls, and tells where each begins', async () => {
    const at = path();
    const offsets = await filled(at);
    expect(text(at)).toBe('first second third fourth ');
    const whole = readFileSync(at);
    expect(gunzipSync(whole.subarray(offsets[1], offsets[2])).toString()).toBe('second third ');
    expect(offsets[0]).toBe(0);
  });

  test('is cut behind the last whole record, wherever it ended, and goes on', async () => {
    const at = path();
    const [, second = 0, fourth = 0, size = 0] = await filled(at);
    const whole = readFileSync(at);
    const third = second + Number(whole.readBigUInt64LE(second + 16));
    for (let length = 0; length <= size; length += 5) {
      writeFileSync(at, whole.subarray(0, length));
      const ends = [0, second, third, fourth, size].filter((end) => end <= length);
      const resumed = new WarcFile(at, { start: 'resume', durable: false });
      expect([length, resumed.size]).toEqual([length, ends.at(-1)]);
      if (length % 35 === 0) {
        await resumed.append([Buffer.from('new')]);
        expect(text(at).endsWith('new')).toBe(true);
      }
      await resumed.close();
    }
  });

  test('takes a member whose header was not completed for one that is not whole', async () => {
    const at = path();
    const [, , fourth = 0] = await filled(at);
    const bytes = readFileSync(at);
    bytes.writeBigUInt64LE(0n, fourth + 16);
    writeFileSync(at, bytes);
    const resumed = new WarcFile(at, { start: 'resume', durable: false });
    expect(resumed.size).toBe(fourth);
    await resumed.close();
  });

  test('refuses to cut what it has not written', async () => {
    const at = path();
    await filled(at);
    const { size } = statSync(at);
    appendFileSync(at, 'something else');
    expect(() => new WarcFile(at, { start: 'resume', durable: false })).toThrow(`byte ${size}`);
    expect(statSync(at).size).toBeGreaterThan(size);
    const foreign = fileOf('WARC/1.0\r\n');
    expect(() => new WarcFile(foreign, { start: 'resume', durable: false })).toThrow(OutputError);
    expect(() => new WarcFile(foreign, { start: 'new', durable: false })).toThrow('--overwrite');
    const replaced = new WarcFile(foreign, { start: 'overwrite', durable: false });
    await replaced.append([Buffer.from('ours')]);
    await replaced.close();
    expect(text(foreign)).toBe('ours');
  });

  test('belongs to one process at a time', async () => {
    const at = path();
    const first = new WarcFile(at, { start: 'new', durable: false });
    expect(() => new WarcFile(at, { start: 'resume', durable: false })).toThrow(OutputError);
    await first.close();
    await first.close();
    const second = new WarcFile(at, { start: 'resume', durable: false });
    await second.close();
  });

  test('fails every record after one that failed, and keeps the whole ones', async () => {
    const at = path();
    const file = new WarcFile(at, { start: 'new', durable: false });
    await file.append([Buffer.from('whole')]);
    const { size } = file;
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('half');
      throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
    }
    const failing = file.append([broken(), Buffer.from('after it')]);
    const next = file.append([Buffer.from('next')]);
    await expect(failing).rejects.toMatchObject({ code: 'DISK_FULL' });
    await expect(next).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect(file.isBroken).toBe(true);
    await file.close();
    expect(statSync(at).size).toBe(size);
    expect(text(at)).toBe('whole');
  });

  test('fails when somebody else cuts or removes the file', async () => {
    const cut = path();
    const first = new WarcFile(cut, { start: 'new', durable: false });
    await first.append([Buffer.from('one')]);
    truncateSync(cut, 3);
    await expect(first.append([Buffer.from('two')])).rejects.toMatchObject({ code: 'FILE_IO' });
    await first.close();
    const removed = path();
    const second = new WarcFile(removed, { start: 'new', durable: false });
    rmSync(removed);
    await expect(second.append([Buffer.from('one')])).rejects.toMatchObject({ code: 'FILE_IO' });
    await second.close();
  });
});
