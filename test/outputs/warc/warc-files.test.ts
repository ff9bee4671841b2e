import { existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { WarcFiles, type WarcFilesOptions } from '../../../src/outputs/warc/warc-files.ts';
import { temporary } from '../../helpers/temporary.ts';

const { path } = temporary('warc-files');

function folder(): string {
  const made = path();
  mkdirSync(made);
  return made;
}

function open(file: string, options: Partial<WarcFilesOptions> = {}): WarcFiles {
  const opening = (name: string): Buffer => Buffer.from(`(${name})`);
  return new WarcFiles(file, { start: 'new', durable: false, maxBytes: 1, ...options }, opening);
}

const contents = (directory: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(directory).map((name) => [name, gunzipSync(readFileSync(join(directory, name))) + '']),
  );

test('a file that is full is followed by another, each with its own first record; all appended at once stay in order', async () => {
  const directory = folder();
  const files = open(join(directory, 'crawl.warc.gz'));
  const places = [];
  for (const text of ['a', 'b']) places.push(await files.append([Buffer.from(text)]));
  const more = await Promise.all(['c', 'd', 'e'].map((text) => files.append([Buffer.from(text), Buffer.from('+')])));
  await files.close();
  await files.close();
  expect(contents(directory)).toEqual({
    'crawl.warc.gz': '(crawl.warc.gz)a',
    'crawl-00001.warc.gz': '(crawl-00001.warc.gz)b',
    'crawl-00002.warc.gz': '(crawl-00002.warc.gz)c+d+e+',
  });
  const names = [...places, ...more].map(({ file }) => file.slice('crawl'.length, -'.warc.gz'.length));
  expect(names).toEqual(['', '-00001', '-00002', '-00002', '-00002']);
  for (const { offset } of [...places, ...more]) expect(offset).toBeGreaterThan(0);
  for (const [at, { file, offset }] of places.entries()) {
    expect(gunzipSync(readFileSync(join(directory, file)).subarray(offset)).toString()).toBe('ab'[at]);
  }
});

test.each(['crawl', 'crawl.warc', 'crawl.gz', 'a.b.warc.gz'])('%s is numbered before its extension', async (name) => {
  const directory = folder();
  const files = open(join(directory, name));
  for (const text of ['a', 'b']) await files.append([Buffer.from(text)]);
  await files.close();
  const extension = /(\.warc)?(\.gz)?$/.exec(name)![0];
  expect(existsSync(join(directory, `${name.slice(0, name.length - extension.length)}-00001${extension}`))).toBe(true);
});

test('a resumed archive goes on in its last file, behind its last whole record, and holds what is there', async () => {
  const directory = folder();
  const file = join(directory, 'crawl.warc.gz');
  const first = open(file);
  const places = [];
  for (const text of ['a', 'b', 'c']) places.push(await first.append([Buffer.from(text)]));
  await first.close();
  truncateSync(join(directory, 'crawl-00002.warc.gz'), places[2]!.offset + 5);
  const second = open(file, { start: 'resume', maxBytes: 1000 });
  expect(places.map((place) => second.holds(place))).toEqual([true, true, false]);
  expect(second.holds({ file: 'other.warc.gz', offset: 0 })).toBe(false);
  expect(await second.append([Buffer.from('d')])).toMatchObject({ file: 'crawl-00002.warc.gz' });
  await second.close();
  expect(contents(directory)['crawl-00002.warc.gz']).toBe('(crawl-00002.warc.gz)(crawl-00002.warc.gz)d');
});

test('a new archive does not go on in the files of an earlier one: it refuses them, or removes them if it may', async () => {
  const directory = folder();
  const file = join(directory, 'crawl.warc.gz');
  const first = open(file);
  for (const text of ['a', 'b', 'c']) await first.append([Buffer.from(text)]);
  await first.close();
  truncateSync(file, 0);
  expect(() => open(file)).toThrow(/crawl-00001\.warc\.gz.*--overwrite/);
  const second = open(file, { start: 'overwrite' });
  await second.append([Buffer.from('z')]);
  await second.close();
  expect(contents(directory)).toEqual({ 'crawl.warc.gz': '(crawl.warc.gz)z' });
  writeFileSync(join(directory, 'crawl-00001.warc.gz'), 'mine');
  expect(() => open(file, { start: 'overwrite' })).toThrow(
    /crawl-00001\.warc\.gz: it is not an archive written by fetchmany/,
  );
  expect(readFileSync(join(directory, 'crawl-00001.warc.gz'), 'utf8')).toBe('mine');
});

test('the first file stays locked while another one is written', async () => {
  const file = join(folder(), 'crawl.warc.gz');
  const files = open(file);
  for (const text of ['a', 'b', 'c']) await files.append([Buffer.from(text)]);
  for (const start of ['overwrite', 'resume'] as const) expect(() => open(file, { start })).toThrow(/is writing to it/);
  await files.close();
  await open(file, { start: 'resume' }).close();
});

test('nothing can be appended once the next file cannot be made', async () => {
  const directory = folder();
  const files = open(join(directory, 'crawl.warc.gz'));
  await files.append([Buffer.from('a')]);
  mkdirSync(join(directory, 'crawl-00001.warc.gz'));
  for (const text of ['b', 'c']) {
    await expect(files.append([Buffer.from(text)])).rejects.toMatchObject({ code: 'FILE_IO' });
    expect(files.isBroken).toBe(true);
  }
  await files.close();
});
