import { describe, expect, test } from 'vitest';
import { github, junit, markdown } from '../../../src/formats.ts';
import type { FetchResult } from '../../../src/index.ts';
import { Parser } from 'htmlparser2';
import { cancelled, failure, response } from '../../helpers/results.ts';

const hostile = 'http://a.test/\u0000\u001b[2J]]>"<b>&\u{d800}%0A,:|`@me #1\n\u202e';

const rowsOf = (format: ReturnType<typeof github>, results: readonly FetchResult[]): string =>
  [format.head?.() ?? '', ...results.map((result) => format.row(result)), format.tail?.() ?? ''].join('');

describe('github()', () => {
  test('writes an annotation for each result that is not ok, and nothing for the others', () => {
    const results = [
      response(),
      response({ url: 'http://a/', ok: false, status: 404 }),
      failure('TIMEOUT', { url: 'http://b/' }),
    ];
    expect(rowsOf(github({ expected: { statuses: '200-399' } }), results)).toMatch(
      /^::error title=fetchmany%3A 404::http:\/\/a\/: status 404, expected 200-399\n::error title=fetchmany%3A TIMEOUT::http:\/\/b\/: TIMEOUT: .*\n$/,
    );
  });

  test('of fifty it writes nine, and one line that says how many more there are', () => {
    const results = Array.from({ length: 50 }, () => response({ ok: false, status: 500 }));
    const lines = rowsOf(github(), results).trimEnd().split('\n');
    expect(lines).toHaveLength(10);
    expect(lines.at(-1)).toBe('::error title=fetchmany::and 41 more that are not ok');
    expect(rowsOf(github(), results.slice(0, 9)).trimEnd().split('\n')).toHaveLength(9);
  });

  test('lets nothing from outside end the line or begin a command', () => {
    const text = rowsOf(github(), [failure('TIMEOUT', { url: `${hostile}\r\n::set-output::x` })]);
    expect(text.trimEnd().split(/[\r\n]/)).toHaveLength(1);
    expect(text).toContain('%250A');
    expect(text.trimEnd()).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });
});

describe('junit()', () => {
  test('writes a case for each result: its host as the class, the reason where it is not ok', () => {
    const results = [
      response({ url: 'http://a.test:8080/x', elapsedMs: 1234 }),
      response({ url: 'http://a.test/', ok: false, status: 404, method: 'HEAD' }),
      response({ url: 'http://a.test/', ok: false, unexpected: ['body', 'time'] }),
      failure('TIMEOUT', { url: 'http://b.test/' }),
      failure('URL_INVALID', { url: 'not a url' }),
      cancelled({ url: 'http://c.test/' }),
    ];
    expect(casesOf(rowsOf(junit({ expected: { body: 'a<b' } }), results))).toEqual([
      { classname: 'http://a.test:8080', name: 'http://a.test:8080/x', time: '1.234' },
      {
        classname: 'http://a.test',
        name: 'HEAD http://a.test/',
        time: '0.087',
        failure: 'status: status 404 is unexpected',
      },
      {
        classname: 'http://a.test',
        name: 'http://a.test/',
        time: '0.087',
        failure: 'body: body does not match a<b; took 87 ms',
      },
      {
        classname: 'http://b.test',
        name: 'http://b.test/',
        time: expect.any(String),
        failure: expect.stringMatching(/^TIMEOUT: /),
      },
      {
        classname: 'no host',
        name: 'not a url',
        time: expect.any(String),
        failure: expect.stringMatching(/^URL_INVALID: /),
      },
      { classname: 'http://c.test', name: 'http://c.test/', time: expect.any(String), skipped: expect.any(String) },
    ]);
  });

  test('is well-formed whatever a URL contains', () => {
    const text = rowsOf(junit(), [response({ url: hostile }), failure('TIMEOUT', { url: hostile })]);
    // XML 1.0 has no place for these, not even escaped.
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cs}]|&#(?:[0-8]|27);/u);
    const [first] = casesOf(text);
    expect(first!['name']).toBe('http://a.test/\ufffd\ufffd[2J]]>"<b>&\ufffd%0A,:|`@me #1\n\u202e');
    expect(text).not.toContain(']]>');
  });
});

/** Reads a report with a parser of XML. */
function casesOf(xml: string): Record<string, string | undefined>[] {
  const cases: Record<string, string | undefined>[] = [];
  const open: string[] = [];
  const parser = new Parser(
    {
      onopentag(name, attributes) {
        open.push(name);
        if (name === 'testcase') cases.push(attributes);
        if (name === 'failure') cases.at(-1)!['failure'] = `${attributes['type']}: ${attributes['message']}`;
        if (name === 'skipped') cases.at(-1)!['skipped'] = attributes['message'];
      },
      onclosetag(name) {
        expect(open.pop()).toBe(name);
      },
    },
    { xmlMode: true, decodeEntities: true },
  );
  parser.end(xml);
  expect(open).toEqual([]);
  return cases;
}

describe('markdown()', () => {
  test('writes a table', () => {
    const results = [response({ url: 'http://a.test/' }), response({ url: 'http://a.test/', ok: false, status: 404 })];
    expect(rowsOf(markdown(), results)).toBe(
      [
        '| Status | Size | Time | URL | Note |',
        '| --- | --: | --: | --- | --- |',
        '| 200 | 5.1 KB | 87 ms | http&#58;//a.test/ |  |',
        '| 404 | 5.1 KB | 87 ms | http&#58;//a.test/ | status 404 is unexpected |',
        '',
      ].join('\n'),
    );
  });

  test('lets nothing from outside become markup, a link, a mention or another cell', () => {
    const [, , row] = rowsOf(markdown(), [response({ url: `${hostile}[x](y) www.a` })]).split('\n');
    expect(row!.replaceAll(/\\./g, '').match(/\|/g)).toHaveLength(6);
    expect(row).not.toMatch(/[<>@]|:\/\/|www\.a|[^\\]`|[^\\]\[/);
  });

  test('escapes each character once', () => {
    const [, , row] = rowsOf(markdown(), [response({ url: 'http://a.test/x?a@b#c&d' })]).split('\n');
    expect(row).toContain(' http&#58;//a.test/x?a&#64;b&#35;c&amp;d ');
  });

  test('fits a step summary, and counts the rest', () => {
    const results = Array.from({ length: 20_000 }, (_, index) =>
      response({ index, url: `http://a.test/${'x'.repeat(80)}` }),
    );
    const text = rowsOf(markdown(), results);
    expect(Buffer.byteLength(text)).toBeLessThan(1024 * 1024);
    const rows = text.split('\n').filter((line) => line.startsWith('| 200')).length;
    expect(text.trimEnd().split('\n').at(-1)).toBe(`${(20_000 - rows).toLocaleString('en')} more left out.`);
  });
});
