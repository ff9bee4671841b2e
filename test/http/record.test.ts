import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromRecord, parseRecord, toRecord } from '../../src/http/record.ts';
import type { FetchResult } from '../../src/http/result.ts';
import { nastyStrings } from '../helpers/servers/nasty.ts';
import { cancelled, failure, response } from '../helpers/results.ts';

const headers = Object.assign(Object.create(null) as Record<string, string | string[]>, {
  'content-type': 'text/html',
  'set-cookie': ['a=1', 'b=2'],
});

const full: readonly FetchResult[] = [
  response({
    index: 7,
    id: 'row-7',
    headers,
    timingsMs: { queue: 1, dns: 2, connect: 3, tls: 4, firstByte: 5, download: 6 },
  }),
  failure('BODY_TRUNCATED', {
    wireLength: 9,
    complete: 'unverified',
    finalUrl: 'https://example.com/b',
    redirects: 1,
    id: 'x',
  }),
  cancelled({ id: 'y', at: '2026-01-01T00:00:00.000Z', timingsMs: { queue: 5 } }),
];

describe('toRecord()', () => {
  test('gives the fields of a response in their order', () => {
    expect(Object.keys(toRecord(full[0]!, { includeHeaders: true }))).toEqual(
      'index url method kind ok status length wireLength elapsedMs attempts complete finalUrl redirects headers timingsMs at id'.split(
        ' ',
      ),
    );
  });

  test('gives the fields of a failure in their order', () => {
    expect(Object.keys(toRecord(full[1]!))).toEqual(
      'index url method kind ok length wireLength elapsedMs attempts error complete finalUrl redirects at id'.split(
        ' ',
      ),
    );
  });

  test('gives the fields of a cancelled request in their order', () => {
    expect(Object.keys(toRecord(full[2]!))).toEqual(
      'index url method kind ok elapsedMs attempts error timingsMs at id'.split(' '),
    );
  });

  test('omits unknown fields', () => {
    expect(JSON.stringify(toRecord(failure('URL_INVALID', { attempts: 0, elapsedMs: 0, url: 'x' })))).toBe(
      '{"index":0,"url":"x","method":"GET","kind":"failure","ok":false,"length":0,"elapsedMs":0,"attempts":0,' +
        '"error":{"code":"URL_INVALID","message":"Cannot fetch: URL_INVALID","retryable":false},"at":"2026-01-01T00:00:00.000Z"}',
    );
    expect(Object.values(toRecord(cancelled()))).not.toContain(undefined);
  });

  test('includes the headers only on request', () => {
    expect(toRecord(response({ headers }))).not.toHaveProperty('headers');
    expect(toRecord(response({ headers }), { includeHeaders: true })).toMatchObject({ headers });
  });

  test('rounds times to three decimals', () => {
    const record = toRecord(response({ elapsedMs: 12.345678, timingsMs: { dns: 0.1 + 0.2, tls: 1e-9 } }));
    expect(record).toMatchObject({ elapsedMs: 12.346, timingsMs: { dns: 0.3, tls: 0 } });
  });
});

describe('parseRecord()', () => {
  test.each(full)('reads back what was written: %#', (result) => {
    const record = toRecord(result, { includeHeaders: true });
    const back = parseRecord(JSON.stringify(record));
    expect(back).toEqual(record);
    expect(JSON.stringify(back)).toBe(JSON.stringify(record));
  });

  test('reads back any text', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...nastyStrings));
    fc.assert(
      fc.property(text, text, (url, id) => {
        const line = JSON.stringify(toRecord(response({ url, id, headers: { [url]: id } }), { includeHeaders: true }));
        expect(line).not.toContain('\n');
        expect(parseRecord(line)).toMatchObject({ url, id });
      }),
    );
  });

  test('rejects an incomplete line', () => {
    const line = JSON.stringify(toRecord(full[0]!, { includeHeaders: true }));
    for (let length = 0; length < line.length; length += 1) expect(parseRecord(line.slice(0, length))).toBeUndefined();
  });

  test.each([
    '',
    'null',
    '1',
    '"x"',
    '[]',
    '{}',
    '{"kind":"response"}',
    '{"kind":"__proto__"}',
    'not json',
    '[{"index":0}]',
  ])('rejects a line that is not a record: %s', (line) => {
    expect(parseRecord(line)).toBeUndefined();
  });

  test.each([
    { index: -1 },
    { index: 1.5 },
    { index: '1' },
    { url: 1 },
    { ok: 'true' },
    { status: null },
    { elapsedMs: -1 },
    { elapsedMs: null },
    { attempts: 1e300 },
    { complete: 'yes' },
    { headers: [] },
    { headers: { a: 1 } },
    { headers: { a: [1] } },
    { timingsMs: { dns: 'x' } },
    { elapsedMs: 1.1e12 },
    { timingsMs: { dns: 1e300 } },
    { id: 5 },
    { at: {} },
    { kind: 'failure' },
    { kind: 'cancelled', ok: false, error: { code: 1, message: '', retryable: true } },
    { kind: 'cancelled', error: { code: 'ABORTED', message: '', retryable: false } },
    ...['', 'aborted', 'A B', '\u001b]0;x\u0007', 'A'.repeat(41), 'A\n'].map((code) => ({
      kind: 'cancelled',
      ok: false,
      error: { code, message: '', retryable: false },
    })),
  ])('rejects a record with %j', (wrong) => {
    const record = toRecord(full[0]!, { includeHeaders: true });
    expect(fromRecord(JSON.parse(JSON.stringify({ ...record, ...wrong })))).toBeUndefined();
  });

  test('accepts an error code of a later version', () => {
    const record = { ...toRecord(full[1]!), error: { code: 'LATER_CODE', message: '', retryable: false } };
    expect(fromRecord(record)).toMatchObject({ error: { code: 'LATER_CODE' } });
  });

  test('drops fields it does not know', () => {
    const record = toRecord(full[1]!);
    expect(fromRecord({ ...record, later: 1 })).toEqual(record);
  });

  test('rejects a record with a version', () => {
    const record = toRecord(full[0]!);
    for (const version of [1, 2, '1', null]) expect(fromRecord({ ...record, version })).toBeUndefined();
  });

  test('treats __proto__ as an ordinary name', () => {
    const line = JSON.stringify(toRecord(response())).replace(
      /}$/,
      ',"__proto__":{"polluted":1},"headers":{"__proto__":"a","constructor":"b","x":["c"]}}',
    );
    const record = parseRecord(line);
    expect(record).toMatchObject({ kind: 'response' });
    expect(Object.getPrototypeOf(record)).toBe(Object.prototype);
    expect('polluted' in record!).toBe(false);
    const { headers: read } = record as { headers: object };
    expect(Object.entries(read)).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
      ['x', ['c']],
    ]);
    expect(JSON.stringify(read)).toBe('{"__proto__":"a","constructor":"b","x":["c"]}');
    expect({}).not.toHaveProperty('polluted');
  });

  test('never throws', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (line) => parseRecord(line) === undefined));
  });
});
