import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { memberText, readRecordBody, spliceBody, type RecordBody } from '../../src/http/record-body-json.ts';
import { toRecordBody } from '../../src/http/record-body.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);

describe('toRecordBody()', () => {
  test.each<[what: string, body: Uint8Array, type: string | undefined, expected: RecordBody]>([
    [
      'keeps JSON as it was sent',
      bytes('{"id":12345678901234567890,\n "a":1.0,\t"a":2}\r\n'),
      'application/json',
      { bodyEncoding: 'json', body: '{"id":12345678901234567890,  "a":1.0, "a":2}' },
    ],
    [
      'takes problem+json for JSON',
      bytes('[]'),
      'application/problem+json; charset=utf-8',
      { bodyEncoding: 'json', body: '[]' },
    ],
    ['takes broken JSON for text', bytes('{"a":'), 'application/json', { bodyEncoding: 'text', body: '{"a":' }],
    [
      'decodes text in its charset',
      Uint8Array.of(0x80, 0x41),
      'text/plain; charset=windows-1252',
      { bodyEncoding: 'text', body: '€A' },
    ],
    ['writes other types as base64', Uint8Array.of(0x89, 0x50), 'image/png', { bodyEncoding: 'base64', body: 'iVA=' }],
    ['writes an unknown type as base64', bytes('x'), undefined, { bodyEncoding: 'base64', body: 'eA==' }],
    ['writes an empty body as an empty text', bytes(''), undefined, { bodyEncoding: 'text', body: '' }],
    ['takes an empty JSON body for text', bytes(''), 'application/json', { bodyEncoding: 'text', body: '' }],
  ])('%s', (_, body, type, expected) => {
    expect(toRecordBody(body, type)).toEqual(expected);
  });

  test.each([
    ['text', { bodyEncoding: 'text', body: '[1]' }],
    ['base64', { bodyEncoding: 'base64', body: 'WzFd' }],
    ['json', { bodyEncoding: 'json', body: '[1]' }],
  ] as const)('obeys the kind %s', (kind, expected) => {
    expect(toRecordBody(bytes('[1]'), 'image/png', kind)).toEqual(expected);
  });
});

test('what spliceBody() adds, readRecordBody() reads back, to the letter', () => {
  const json = fc.json().map((text) => toRecordBody(bytes(text), 'application/json'));
  const text = fc.string({ unit: 'binary' }).map((body): RecordBody => ({ bodyEncoding: 'text', body }));
  const omitted = fc.constant<RecordBody>({ bodyOmitted: 'size' });
  const head = fc.record({ url: fc.string({ unit: 'binary' }), input: fc.dictionary(fc.string(), fc.jsonValue()) });
  fc.assert(
    fc.property(head, fc.oneof(json, text, omitted), (record, body) => {
      const line = spliceBody(JSON.stringify(record), body);
      expect(readRecordBody(line, JSON.parse(line) as Record<string, unknown>)).toEqual(body);
    }),
  );
});

test.each([
  ['{"a":1,"body":{"a":[1,"}"],"b":"\\"]"},"c":2}', '{"a":[1,"}"],"b":"\\"]"}'],
  [' { "body" : "x" } ', '"x"'],
  ['{"b\\u006fdy":-1.50e3}', '-1.50e3'],
  ['{"x":{"body":1}}', undefined],
  ['{}', undefined],
  [`{"body":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
])('memberText() finds the text of a member: %#', (json, text) => {
  expect(memberText(json, 'body')).toBe(text);
});
