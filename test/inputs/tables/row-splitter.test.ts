import { parse } from 'csv-parse/sync';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../../src/inputs/input-error.ts';
import { RowSplitter, type Row } from '../../../src/inputs/tables/row-splitter.ts';
import { inChunks } from '../../helpers/in-chunks.ts';

function rowsOf(text: string | Uint8Array, delimiter?: string, sizes: readonly number[] = [1 << 20]): Row[] {
  const splitter = new RowSplitter('the list', delimiter);
  const rows = inChunks(Buffer.from(text as string), sizes).flatMap((chunk) => [...splitter.read(chunk)]);
  return [...rows, ...splitter.end()];
}

/** Reads with csv-parse, set to the rules that spreadsheets follow. */
function expected(text: string | Uint8Array, delimiter: string, recordDelimiter = ['\r\n', '\n']): string[][] {
  return parse(Buffer.from(text as string), {
    delimiter,
    record_delimiter: recordDelimiter,
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: true,
  });
}

describe('RowSplitter', () => {
  test.each([
    [
      'plain cells',
      'a,b\nc,d\n',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    [
      'CRLF as a line end',
      'a,b\r\nc,d\r\n',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    [
      'CR as a line end where there is no LF',
      'a,b\rc,"d\re"\r',
      [
        ['a', 'b'],
        ['c', 'd\re'],
      ],
    ],
    ['a last row without a line end', 'a,b\nc', [['a', 'b'], ['c']]],
    ['quoted delimiters and line breaks', '"a,b","c\r\nd"\n', [['a,b', 'c\r\nd']]],
    ['doubled quotation marks', '"a ""b""",""""\n', [['a "b"', '"']]],
    ['a quotation mark within a cell as text', '5" pipe,x"y"\n', [['5" pipe', 'x"y"']]],
    ['text behind a closing mark as part of the cell', '"x"y,"a" ,z\n', [['"x"y', '"a" ', 'z']]],
    [
      'empty cells',
      ',,\n"",\n',
      [
        ['', '', ''],
        ['', ''],
      ],
    ],
    [
      'no row in an empty line',
      'a,b\n\n\r\nc,d',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    ['rows of any length', 'a,b\nc\nd,e,f\n', [['a', 'b'], ['c'], ['d', 'e', 'f']]],
    ['NUL as text', '""\u0000,\u0000\n', [['""\u0000', '\u0000']]],
    ['no row in nothing', '', []],
  ])('reads %s', (_, text, rows) => {
    expect(rowsOf(text)).toEqual(rows);
    expect(rowsOf(text, ',', [1])).toEqual(rows);
  });

  test.each([
    ['semicolons', 'url;x;a,b\ny;z;\n', ['url', 'x', 'a,b']],
    ['tabs', 'url\ta\tb\n', ['url', 'a', 'b']],
    ['vertical bars', 'url|a\n', ['url', 'a']],
    ['commas, where both occur equally often', 'a,b;c\n', ['a', 'b;c']],
    ['what stands outside quotes', '"a;b;c",d\n', ['a;b;c', 'd']],
    ["Excel's own line", 'sep=;\na;b,c,d\n', ['a', 'b,c,d']],
    ['the first row, though it has a quoted line break', '"a\n;;;;",b\n', ['a\n;;;;', 'b']],
  ])('finds the delimiter by %s', (_, text, first) => {
    expect(rowsOf(text)[0]).toEqual(first);
    expect(rowsOf(text, undefined, [1])[0]).toEqual(first);
  });

  test('knows the line on which a row begins', () => {
    const splitter = new RowSplitter('the list', ',');
    const lines = Array.from(splitter.read(Buffer.from('a\n\n"b\r\nb\n",1\nc\n')), () => splitter.line);
    expect(lines).toEqual([1, 3, 6]);
    const settings = new RowSplitter('the list', undefined);
    expect(Array.from(settings.read(Buffer.from('sep=;\na\n')), () => settings.line)).toEqual([2]);
  });

  test('gives the rows before a quotation mark that is never closed, and then names its line', () => {
    const splitter = new RowSplitter('people.csv', ',');
    const rows: Row[] = [...splitter.read(Buffer.from('a,b\n"c\nd",e\nf,"g\nh,i\n'))];
    expect(rows).toEqual([
      ['a', 'b'],
      ['c\nd', 'e'],
    ]);
    expect(() => [...splitter.end()]).toThrow(
      new InputError('people.csv', 'the row on line 4 opens a quotation mark that is never closed'),
    );
  });

  test('refuses a quoted cell of 100 MB in bounded memory', () => {
    const splitter = new RowSplitter('the list', ',');
    const chunk = Buffer.alloc(1 << 20, 'x\n');
    let read = 0;
    const readAll = (): void => {
      for (const _ of splitter.read(Buffer.from('a,b\n1,"'))) read += 1;
      for (let megabyte = 0; megabyte < 100; megabyte += 1) for (const _ of splitter.read(chunk)) read += 1;
    };
    const before = process.memoryUsage().rss;
    expect(readAll).toThrow('the row on line 2 opens a quotation mark that is never closed');
    expect(read).toBe(1);
    expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000);
  });

  test('gives a placeholder for a row of a gigabyte without quotes, and reads on', () => {
    const splitter = new RowSplitter('the list', ',');
    const chunk = Buffer.alloc(1 << 20, 'x,');
    const rows: Row[] = [...splitter.read(Buffer.from('a,b\n'))];
    const before = process.memoryUsage().rss;
    for (let megabyte = 0; megabyte < 1024; megabyte += 1) rows.push(...splitter.read(chunk));
    rows.push(...splitter.read(Buffer.from('\n"c",d\n')));
    expect(rows).toEqual([['a', 'b'], undefined, ['c', 'd']]);
    expect(splitter.line).toBe(3);
    expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000);
  });

  test('takes time in proportion to the length of a quoted cell', () => {
    const timeOf = (bytes: number): number => {
      const text = Buffer.from(`"${'a\n'.repeat(bytes / 2)}",b\n`);
      const startedAt = performance.now();
      expect(rowsOf(text, ',', [4096])).toHaveLength(1);
      return performance.now() - startedAt;
    };
    timeOf(1_000_000);
    const [short, long] = [timeOf(1_000_000), timeOf(8_000_000)];
    expect(long).toBeLessThan(Math.max(short, 20) * 40);
  });

  test('agrees with csv-parse on any text, in any chunks', () => {
    const part = fc.constantFrom(
      'a',
      'é',
      '😀',
      ',',
      ';',
      '"',
      '""',
      '\n',
      '\r\n',
      '\r',
      ' ',
      'b,c\n',
      '"x"',
      '\u0001',
    );
    const text = fc.array(part, { maxLength: 40 }).map((parts) => parts.join(''));
    const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(text, sizes, (all, chunks) => {
        // We take a CR at the very end for half a line end; csv-parse takes it for text.
        fc.pre(!all.endsWith('\r'));
        const lineEnds = all.includes('\n') ? ['\r\n', '\n'] : ['\r'];
        expect(outcome(() => rowsOf(all, ',', chunks))).toEqual(outcome(() => expected(all, ',', lineEnds)));
      }),
      { numRuns: 3000 },
    );
  });
});

/** The rows, or only the fact that a quotation mark is not closed. */
function outcome(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    if (error instanceof InputError || (error as { code?: string }).code === 'CSV_QUOTE_NOT_CLOSED')
      return 'not closed';
    throw error;
  }
}
