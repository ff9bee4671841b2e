import { spawnSync } from 'node:child_process';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { csv } from '../../../src/outputs/formats/csv.ts';
import { nastyStrings } from '../../helpers/servers/nasty.ts';
import { cancelled, failure, response } from '../../helpers/results.ts';
import { hasTool } from '../../helpers/process/tools.ts';

const hasPython = hasTool('python3');

const head =
  'index,url,method,kind,ok,status,code,length,wireLength,elapsedMs,attempts,complete,finalUrl,redirects,at,id\n';

/** Parses CSV strictly by RFC 4180. */
function parse(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [whole, quoted, bare, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\n)/gy)) {
    expect(whole).not.toBe('');
    row.push(quoted === undefined ? bare! : quoted.replaceAll('""', '"'));
    if (end === ',') continue;
    rows.push(row);
    row = [];
  }
  return rows;
}

describe('csv()', () => {
  test('says after columns of a list on which line a row was, and why it failed', () => {
    const format = csv({ inputColumns: () => ['name', 'line'] });
    const failed = failure('URL_INVALID', { line: 3, input: { name: 'Ann', line: '7' } });
    const answered = response({ line: 4, input: { name: 'Bob', line: '8' } });
    const [top, first, second] = parse(format.row(failed) + format.row(answered));
    expect(top).toEqual(['name', 'line', ...head.trim().split(','), 'fetch_line', 'message']);
    expect([first!.slice(0, 2), first!.slice(-2)]).toEqual([
      ['Ann', '7'],
      ['3', 'Cannot fetch: URL_INVALID'],
    ]);
    expect(second!.slice(-2)).toEqual(['4', '']);
  });

  test('has no further columns for a list without columns', () => {
    expect(
      csv({ inputColumns: () => [] })
        .row(failure('URL_INVALID'))
        .split('\n')[0],
    ).toBe(head.trim());
  });

  test('writes the columns of the contract', () => {
    expect(csv().head!()).toBe(head);
  });

  test('writes a response', () => {
    expect(csv().row(response({ index: 3, id: 'row 3' }))).toBe(
      '3,https://example.com/,GET,response,true,200,,5123,1711,87.4,1,framed,https://example.com/,0,2026-01-01T00:00:00.000Z,row 3\n',
    );
  });

  test('writes a failure, with unknown values as empty cells', () => {
    expect(csv().row(failure('TIMEOUT'))).toBe(
      '0,https://example.com/,GET,failure,false,,TIMEOUT,0,,12,3,,,,2026-01-01T00:00:00.000Z,\n',
    );
    expect(csv().row(cancelled())).toBe('0,https://example.com/,GET,cancelled,false,,ABORTED,,,0,0,,,,,\n');
  });

  test('writes any text so that a reader gets it back, with an apostrophe before a possible formula', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...nastyStrings));
    fc.assert(
      fc.property(text, text, (url, id) => {
        const [row] = parse(csv().row(response({ url, id, finalUrl: url })));
        expect(row).toHaveLength(16);
        for (const [cell, value] of [
          [row![1]!, url],
          [row![12]!, url],
          [row![15]!, id],
        ] as const) {
          expect(cell.replace(/^'(?=[=+\-@\t\r\n＝＋－＠])/, '')).toBe(
            value.replace(/^'(?=[=+\-@\t\r\n＝＋－＠])/, ''),
          );
          expect(cell).not.toMatch(/^[=+\-@\t\r\n＝＋－＠]/);
        }
      }),
    );
  });

  test('contains nothing that moves the cursor if it is for a terminal', () => {
    for (const url of nastyStrings) {
      const row = csv({ forTerminal: true }).row(response({ url, id: url }));
      expect(parse(row)[0]).toHaveLength(16);
      // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
      expect(row.slice(0, -1)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/);
    }
  });

  test.skipIf(!hasPython)("reads the same in Python's csv", () => {
    const rows = nastyStrings.map((id) => csv().row(response({ id: id.toWellFormed() }))).join('');
    const program =
      "import csv,sys,io,json;print(json.dumps([r[15] for r in csv.reader(io.TextIOWrapper(sys.stdin.buffer,'utf-8',newline=''))]))";
    const { stdout } = spawnSync('python3', ['-c', program], { input: rows, encoding: 'utf8' });
    const safe = nastyStrings.map((id) => (/^[=+\-@\t\r\n＝＋－＠]/.test(id) ? `'${id}` : id).toWellFormed());
    expect(JSON.parse(stdout)).toEqual(safe);
  });
});

describe('csv() with the columns of the input', () => {
  const row = (input: Record<string, unknown>): Parameters<ReturnType<typeof csv>['row']>[0] => response({ input });

  test('writes them first and unchanged, and renames ours that are taken', () => {
    const format = csv({ inputColumns: () => ['url', 'status', 'fetch_status', 'sum'] });
    const text = format.row(row({ url: 'example.com', status: 'new', fetch_status: '', sum: '=1+1', more: 'x' }));
    const [names = [], cells = []] = parse(text);
    expect(names.slice(0, 8)).toEqual(['url', 'status', 'fetch_status', 'sum', 'index', 'fetch_url', 'method', 'kind']);
    expect(names).toContain('fetch_fetch_status');
    expect(cells.slice(0, 4)).toEqual(['example.com', 'new', '', '=1+1']);
    expect(cells).toHaveLength(names.length);
    expect(parse(format.row(row({ url: 'b' })))[0]!.slice(0, 4)).toEqual(['b', '', '', '']);
    expect(format.tail!()).toBe('');
  });

  test('takes them from the first row where they are not known', () => {
    const format = csv({ inputColumns: () => undefined });
    const [names = [], cells = []] = parse(format.row(row({ name: 'Ann', tags: ['a', 'b'], none: null })));
    expect(names.slice(0, 4)).toEqual(['name', 'tags', 'none', 'index']);
    expect(cells.slice(0, 3)).toEqual(['Ann', '["a","b"]', '']);
  });

  test('writes the header of an empty run at its end', () => {
    const format = csv({ inputColumns: () => ['name'] });
    expect(format.tail!()).toBe(`name,${head.trim()},line,message\n`);
  });

  test('separates cells by the delimiter', () => {
    const format = csv({ delimiter: '\t' });
    expect(format.head!()).toBe(head.replaceAll(',', '\t'));
    expect(format.row(response({ id: 'a,b' })).endsWith('\ta,b\n')).toBe(true);
  });
});
