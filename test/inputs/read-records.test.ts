import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { toRecord, type ResultRecord } from '../../src/http/record.ts';
import { InputError } from '../../src/inputs/input-error.ts';
import { readRecords, type RecordSource } from '../../src/inputs/read-records.ts';
import { jsonl } from '../../src/outputs/formats/jsonl.ts';
import { collect } from '../helpers/collect.ts';
import { cancelled, failure, response } from '../helpers/results.ts';
import { temporary } from '../helpers/temporary.ts';

const results = [response(), failure('TIMEOUT', { index: 1 }), cancelled({ index: 2 })];
const records = results.map((result) => toRecord(result));
const lines = results.map(jsonl().row);

async function read(source: RecordSource): Promise<{ found: ResultRecord[]; torn: number[] }> {
  const torn: number[] = [];
  const found = await collect(readRecords(source, { onTornLine: (line) => torn.push(line) }));
  return { found, torn };
}

describe('readRecords()', () => {
  const folder = temporary('read-records');
  const path = folder.file(lines.join(''), '.jsonl');

  test.for<[string, () => RecordSource]>([
    ['a path', () => path],
    ['a file: URL', () => pathToFileURL(path)],
    ['a stream', () => createReadStream(path, { highWaterMark: 7 })],
    ['the lines of readline', () => createInterface({ input: createReadStream(path) })],
    ['an array of lines', () => lines],
    ['an array of lines without line breaks', () => lines.map((line) => line.trimEnd())],
    ['bytes compressed with gzip', () => [gzipSync(lines.join(''))]],
  ])('reads %s', async ([, source]) => {
    expect(await read(source())).toEqual({ found: records, torn: [] });
  });

  test.for<[string, RecordSource]>([
    ['lines', [lines[0]!, lines[1]!.slice(0, 40)]],
    ['bytes', [Buffer.from(lines[0]! + lines[1]!.slice(0, 40))]],
  ])('skips an incomplete last line of %s and reports its number', async ([, source]) => {
    expect(await read(source)).toEqual({ found: [records[0]], torn: [2] });
  });

  test('throws an InputError that names a line that is not a record, after the records before it', async () => {
    const found: ResultRecord[] = [];
    const reading = (async () => {
      for await (const record of readRecords([lines[0]!, 'nonsense', lines[1]!])) found.push(record);
    })();
    await expect(reading).rejects.toThrow(InputError);
    await expect(reading).rejects.toThrow(/line 2/);
    expect(found).toEqual([records[0]]);
  });

  test('throws an InputError for a file that does not exist, and a TypeError for pieces that are neither text nor bytes', async () => {
    await expect(read(folder.path('.jsonl'))).rejects.toThrow(InputError);
    await expect(read([5] as unknown as string[])).rejects.toThrow(TypeError);
  });

  test('closes the file when the consumer leaves', async () => {
    const reading = readRecords(path);
    expect((await reading.next()).value).toEqual(records[0]);
    expect(await reading.return()).toEqual({ done: true, value: undefined });
    expect(await reading.next()).toEqual({ done: true, value: undefined });
  });
});
