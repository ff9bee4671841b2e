import { parse, type Options } from 'csv-parse/sync';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { readRequests, type ReadRequestsOptions } from '../../../src/inputs/read-requests.ts';
import { collect } from '../../helpers/collect.ts';
import { inChunks } from '../../helpers/in-chunks.ts';

const bom = '\ufeff';
const url = 'http://a.test/';

/** Files as they are found: each with a header, read by csv-parse as well. */
const files: readonly (readonly [name: string, text: string, delimiter?: string, lineEnds?: readonly string[]])[] = [
  ['one column', `url\n${url}\n`],
  ['no line end at the end', `url,a\n${url},1`],
  ['CRLF', `url,a\r\n${url},1\r\n`],
  ['mixed line ends', `url,a\r\n${url},1\n${url},2\r\n`],
  ['CR only', `url,a\r${url},1\r${url},2`, ',', ['\r']],
  ['a byte order mark', `${bom}url,a\n${url},1\n`],
  ['a byte order mark before a quoted name', `${bom}"url",a\n${url},1\n`],
  ['every cell quoted', `"url","a"\n"${url}","1"\n`],
  ['semicolons', `url;a;b\n${url};1,5;2\n`, ';'],
  ['tabs', `url\ta\tb\n${url}\t1\t2\n`, '\t'],
  ['vertical bars', `url|a|b\n${url}|1|2\n`, '|'],
  ['a quoted comma', `a,url\n"Smith, Ann",${url}\n`],
  ['a quoted line break', `a,url\n"one\ntwo",${url}\n"three",${url}\n`],
  ['a quoted CRLF', `a,url\r\n"one\r\ntwo",${url}\r\n`],
  ['doubled quotation marks', `a,url\n"he said ""no""",${url}\n`],
  ['only quotation marks', `a,url\n"""",${url}\n"""""",${url}\n`],
  ['a mark for inches', `a,url\n5" pipe,${url}\n7",${url}\n`],
  ['text behind a closing mark', `a,url\n"x"y,${url}\n"a" b "c",${url}\n`],
  ['a blank before a quotation mark', `a,url\n "x",${url}\n`],
  ['blanks around cells', `a,url\n  x  , ${url} \n`],
  ['empty cells', `url,a,b\n${url},,\n${url},,2\n`],
  ['quoted empty cells', `url,a,b\n${url},"",""\n`],
  ['empty lines', `\nurl,a\n\n${url},1\n\n\n${url},2\n\n`],
  ['empty lines with CRLF', `\r\nurl,a\r\n\r\n${url},1\r\n\r\n`],
  ['short rows', `url,a,b\n${url}\n${url},1\n`],
  ['long rows', `url,a\n${url},1,2,3\n`],
  ['a header of one name and rows of several', `url\n${url},1\n`],
  ['accents and emoji', `name,url\nJosé 日本 😀,${url}\n`],
  ['a name with a blank', `first name,url\nAnn,${url}\n`],
  ['numbers as names', `2021,2020,url\n1,2,${url}\n`],
  ['a name that is a property of objects', `constructor,__proto__,toString,url\n1,2,3,${url}\n`],
  ['a comment sign as text', `url,a\n${url},#1\n`],
  ['a formula', `url,a\n${url},"=HYPERLINK(""x"")"\n`],
  ['JSON in a cell', `url,a\n${url},"{""a"":[1,2]}"\n`],
  ['a URL with commas, quoted', `url,a\n"${url}?x=1,2",1\n`],
  ['a long cell', `url,a\n${url},"${'x'.repeat(200_000)}"\n${url},2\n`],
  ['many columns', `url,${Array.from({ length: 500 }, (_, at) => `c${at}`).join(',')}\n${url},${'1,'.repeat(499)}2\n`],
  [
    'many rows with a quotation mark in one',
    `url,a\n${`${url},1\n`.repeat(5000)}${url},"x\ny"\n${`${url},1\n`.repeat(5000)}`,
  ],
  ['backslashes', `url,a\n${url},"C:\\"\n${url},\\"\n`],
  ['other line separators as text', `url,a\n${url},x\u2028y\u0085z\u000b\n`],
  ['control characters', `url,a\n${url},\u0001\u001f\n`],
  ['a row of delimiters', `a,url,b\n,${url},\n,,\n`],
  ['one row without a line end after many', `url,a\n${url},1\n${url},"2"`],
  ['single quotation marks as text', `url,a\n${url},'x,y'\n`],
  ['decimal commas', `url;price\n${url};"1,50"\n`, ';'],
];

test('there are at least forty odd files', () => {
  expect(files.length).toBeGreaterThanOrEqual(40);
});

test.for(files)('keeps every row and cell of a file with %s', async ([, text, delimiter = ',', lineEnds]) => {
  const expected = parse(text, {
    bom: true,
    delimiter,
    record_delimiter: [...(lineEnds ?? ['\r\n', '\n'])],
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: true,
  } satisfies Options);
  const [header = [], ...rows] = expected;
  for (const variant of variants(text)) {
    const list = readRequests(inChunks(variant.bytes, variant.sizes), { format: 'csv', ...variant.options });
    const items = await collect(list);
    expect(list.columns).toEqual(header);
    expect(items.map(({ input = {} }) => header.map((name) => own(input, name)))).toEqual(
      rows.map((row) => header.map((_, at) => row[at] ?? '')),
    );
  }
});

interface Variant {
  readonly bytes: Uint8Array;
  readonly sizes: readonly number[];
  readonly options: ReadRequestsOptions;
}

/** The same file in one chunk, in odd chunks, as gzip, and as UTF-16. */
function variants(text: string): readonly Variant[] {
  const utf8 = Buffer.from(text);
  const utf16 = Buffer.from(text.startsWith(bom) ? text : bom + text, 'utf16le');
  return [
    { bytes: utf8, sizes: [1 << 20], options: {} },
    { bytes: utf8, sizes: [1, 7, 3], options: {} },
    { bytes: gzipSync(utf8), sizes: [100], options: {} },
    { bytes: utf16, sizes: [3], options: {} },
    { bytes: Buffer.from(text.replace(bom, ''), 'utf16le'), sizes: [5], options: { charset: 'utf-16le' } },
  ];
}

function own(input: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(input, name) ? Object.getOwnPropertyDescriptor(input, name)!.value : undefined;
}
