import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { toRecord, type ResultRecord } from '../../src/http/record.ts';
import { readRecords } from '../../src/inputs/records.ts';
import { csv } from '../../src/outputs/formats/csv.ts';
import { json } from '../../src/outputs/formats/json.ts';
import { jsonl } from '../../src/outputs/formats/jsonl.ts';
import { cancelled, failure, response } from '../helpers/results.ts';

const results = [response({ url: 'http://a/日本' }), failure('TIMEOUT', { index: 1 }), cancelled({ index: 2 })];
const records = results.map((result) => toRecord(result));
const lines = results.map(jsonl().row);
const whole = lines.join('');

interface Read {
  readonly records: readonly ResultRecord[];
  /** The line that was told to be torn. */
  readonly torn: number | undefined;
  readonly error: string | undefined;
}

async function read(content: string | Uint8Array, pieceBytes = Infinity, name = 'runs.jsonl'): Promise<Read> {
  const found: ResultRecord[] = [];
  let torn: number | undefined;
  let error: string | undefined;
  try {
    for await (const record of readRecords(pieces(Buffer.from(content), pieceBytes), name, (line) => (torn = line))) {
      found.push(record);
    }
  } catch (cause) {
    error = (cause as Error).message;
  }
  return { records: found, torn, error };
}

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

describe('readRecords()', () => {
  test.each([1, 2, 3, 7, 100, Infinity])('reads every record, in chunks of %j bytes', async (size) => {
    expect(await read(whole, size)).toEqual({ records, torn: undefined, error: undefined });
  });

  test.each([
    ['gzip', gzipSync(whole)],
    ['a byte order mark', `\ufeff${whole}`],
    ['CRLF', whole.replaceAll('\n', '\r\n')],
    ['blank lines', `\n${lines.join('\n \n')}\n\n`],
    ['no line break at the end', whole.slice(0, -1)],
  ])('reads a file with %s', async (_, content) => {
    expect(await read(content)).toEqual({ records, torn: undefined, error: undefined });
  });

  test('reads nothing from an empty file', async () => {
    expect(await read('')).toEqual({ records: [], torn: undefined, error: undefined });
  });

  test('skips a torn last line, wherever it is torn, and reports its number', async () => {
    const last = lines[2]!;
    for (let length = 1; length < last.length - 1; length += 1) {
      const { records: found, torn, error } = await read(lines[0]! + lines[1]! + last.slice(0, length));
      expect([found.length, torn, error], last.slice(0, length)).toEqual([2, 3, undefined]);
    }
    expect(await read('{"ind')).toEqual({ records: [], torn: 1, error: undefined });
  });

  test.each([
    ['a line in the middle', `${lines[0]}{"index":1,"ur\n${lines[1]}`, 1, 2],
    ['a last line with a line break', `${whole}{"index":\n`, 3, 4],
    ['the only line of a foreign file', 'hello', 0, 1],
    ['a foreign object', '{"url":"http://a/"}\n', 0, 1],
  ])('refuses %s that is no record, after what came before', async (_, content, before, line) => {
    const { records: found, error } = await read(content);
    expect(found).toHaveLength(before);
    expect(error).toBe(
      `Cannot read runs.jsonl: line ${line} is not a fetchmany record; records are read from files written with --format jsonl`,
    );
  });

  test.each([
    ['json', 'a JSON array', json()],
    ['csv', 'a CSV or TSV table', csv()],
    ['tsv', 'a CSV or TSV table', csv({ delimiter: '\t', inputColumns: () => ['name', 'url'] })],
  ])('names the format of a file that was written with --format %s', async (_, kind, { head, row, tail }) => {
    const content = (head?.() ?? '') + row(response()) + (tail?.() ?? '');
    const { records: found, error } = await read(content);
    expect(found).toEqual([]);
    expect(error).toBe(
      `Cannot read runs.jsonl: it is ${kind}, not JSON Lines; records are read from files written with --format jsonl`,
    );
  });

  test('refuses gzip that is cut off, after the records before the cut', async () => {
    const many = whole.repeat(20_000);
    const packed = gzipSync(many);
    const { records: found, error } = await read(packed.subarray(0, packed.length >> 1));
    expect(found.length).toBeGreaterThan(1000);
    expect(error).toContain('its gzip data is cut off');
  });
});

test('readRecords() reads blank lines in a fraction of the time of records', async () => {
  const timeOf = async (line: string): Promise<number> => {
    const chunk = Buffer.from(line.repeat(1000));
    const startedAt = performance.now();
    for await (const _ of readRecords(Readable.from(Array.from({ length: 100 }, () => chunk)), 'x', () => {}));
    return performance.now() - startedAt;
  };
  await timeOf(lines[0]!);
  const record = await timeOf(lines[0]!);
  expect(await timeOf(' \n')).toBeLessThan(record / 3);
});
