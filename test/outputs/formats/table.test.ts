import { stripVTControlCharacters } from 'node:util';
import * as fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { parseRecord } from '../../../src/http/record.ts';
import { jsonl } from '../../../src/outputs/formats/jsonl.ts';
import { table } from '../../../src/outputs/formats/table.ts';
import type { FetchResult } from '../../../src/http/result.ts';
import { nastyStrings } from '../../helpers/servers/nasty.ts';
import { cancelled, failure, response } from '../../helpers/results.ts';

const long = `https://example.com/${'path/'.repeat(20)}end`;

const results: readonly FetchResult[] = [
  response({ elapsedMs: 87.4 }),
  response({ index: 1, status: 404, ok: false, length: 0, elapsedMs: 12_345.6789, url: long }),
  failure('ENCODING_UNSUPPORTED', { index: 2, elapsedMs: 3_723_000 }),
  failure('URL_INVALID', { index: 3, url: 'a\u001b[31mb', elapsedMs: 0, attempts: 0 }),
  cancelled({ index: 12_345_678 }),
  response({ index: 5, redirects: 2, finalUrl: 'https://www.example.com/', elapsedMs: 61_000 }),
];

function lines(columns: number | undefined, all: readonly FetchResult[] = results): string[] {
  const { head, row } = table({ columns: columns === undefined ? undefined : () => columns });
  return (head!() + all.map(row).join('')).split('\n').slice(0, -1);
}

describe('table()', () => {
  test('fits a terminal of 80 columns', () => {
    expect(lines(80)).toEqual([
      'STATUS          SIZE      TIME  URL',
      '200           5.1 KB     87 ms  https://example.com/',
      '404              0 B    12.3 s  https://example.com/path…path/path/path/path/end',
      'ENCODING_UNSUPPORTED     1h 2m  https://example.com/',
      'URL_INVALID                  -  a\\x1b[31mb',
      'cancelled                    -  https://example.com/',
      '200           5.1 KB     1m 1s  https://example.com/',
    ]);
  });

  test('shows more columns on a wide terminal', () => {
    const [head, , notFound, unsupported, , last, redirected] = lines(200);
    expect(head).toMatch(/^ {7}#  STATUS {10}SIZE {6}TIME {2}TRIES {2}URL {89}NOTE$/);
    expect(notFound).toContain(`1  404              0 B    12.3 s      1  https://example.com/path/`);
    expect(unsupported).toMatch(/ 3 {2}https:\/\/example.com\/ {72}Cannot fetch: ENCODING_UNSUPPORTED$/);
    expect(last).toMatch(/^12345678 {2}cancelled {20}- {6}0 {2}https/);
    expect(redirected).toMatch(/ {72}-> https:\/\/www.example.com\/$/);
  });

  test('explains a 200 that is not ok', () => {
    expect(lines(200, [response({ ok: false, unexpected: ['body'] })])[1]).toMatch(/body is unexpected$/);
  });

  test('shows the line of a list in place of the index', () => {
    expect(lines(undefined, [response({ index: 3, line: 7 })])[1]).toMatch(/^ {7}7 {2}200 /);
  });

  test('drops the least important columns on a narrow terminal', () => {
    expect(lines(55)[1]).toBe('200           5.1 KB     87 ms  https://example.com/');
    expect(lines(40)[0]).toBe('STATUS          SIZE  URL');
    expect(lines(40)[2]).toBe('404              0 B  https://e…path/end');
  });

  test('never shortens URLs without a terminal', () => {
    expect(lines(undefined)[2]).toBe(`       1  404              0 B    12.3 s      1  ${long}`);
    expect(lines(undefined)[0]).toBe('       #  STATUS          SIZE      TIME  TRIES  URL');
  });

  test('writes the same text with colours', () => {
    const { head, row } = table({ color: true, columns: () => 80 });
    const painted = [head!(), ...results.map(row)];
    expect(painted.map((line) => stripVTControlCharacters(line).slice(0, -1))).toEqual(lines(80));
    expect(painted.map((line) => line.split('\u001b[')[1]?.split('m')[0])).toEqual([
      '1',
      '32',
      '33',
      '31',
      '31',
      '90',
      '32',
    ]);
  });

  test('writes a record as it writes its result', () => {
    const { row } = table({ columns: () => 200 });
    for (const result of results) expect(row(parseRecord(jsonl().row(result))!)).toBe(row(result));
  });

  test('never exceeds the width, whatever the URL, size and time', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.webUrl(),
      fc.constantFrom(...nastyStrings),
      fc.constant(long),
    );
    const size = fc.integer({ min: 0, max: 10 ** 12 });
    // 34 days: no request takes longer.
    const time = fc.integer({ min: 0, max: 3 * 10 ** 9 });
    fc.assert(
      fc.property(text, size, time, fc.integer({ min: 40, max: 250 }), (url, length, elapsedMs, columns) => {
        const row = table({ columns: () => columns }).row(
          response({ url, length, elapsedMs, finalUrl: url, redirects: 1 }),
        );
        expect(row.split('\n')).toHaveLength(2);
        expect(stringWidth(row.slice(0, -1))).toBeLessThanOrEqual(columns);
        // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
        expect(row.slice(0, -1)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
      }),
    );
  });

  test('repeats the header in a new layout after the terminal was resized', () => {
    let columns = 80;
    const { head, row } = table({ columns: () => columns });
    expect(head!() + row(results[0]!)).toBe(`${lines(80, results.slice(0, 1)).join('\n')}\n`);
    columns = 120;
    expect(row(results[1]!) + row(results[2]!)).toBe(`${lines(120, results.slice(1, 3)).join('\n')}\n`);
  });
});
