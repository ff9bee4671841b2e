import { describe, expect, test } from 'vitest';
import { readEntry, readPlainEntry } from '../../src/journal/record-line.ts';
import { jsonl } from '../../src/outputs/formats/jsonl.ts';
import { cancelled, failure, response } from '../helpers/results.ts';

const { row } = jsonl();
const timingsMs = { queue: 0.25, firstByte: 10 };

const plain = {
  response: row(response({ index: 3, timingsMs })),
  'a response that is not ok': row(response({ ok: false, status: 404, id: 'x', bodyHash: 'ab12' })),
  'a row of a table': row(
    response({
      headersHash: 'cd34',
      source: 'a.csv',
      line: 7,
      input: { name: 'Ann', rank: 3, isNew: true, note: null },
    }),
  ),
  'a row without columns': row(response({ line: 1, input: {} })),
  failure: row(failure('TIMEOUT', { wireLength: 3, finalUrl: 'http://a/', redirects: 1, timingsMs })),
  'an input that is none': row(failure('URL_INVALID', { attempts: 0, url: 'nonsense', timingsMs: {} })),
};

describe.each(Object.entries(plain))('readPlainEntry() of %s', (_, line) => {
  test('agrees with readEntry()', () => {
    expect(readPlainEntry(line, 0, line.length)).toEqual(readEntry(line));
    const text = `before\n${line}after\n`;
    expect(readPlainEntry(text, 7, 7 + line.length)).toEqual(readEntry(line));
  });

  test('reads nothing else, whichever byte is changed or missing', () => {
    for (let at = 0; at < line.length; at += 1) {
      for (const byte of ['', 'x', '0', '"', '\\', ',', '}', '\n', '\0', 'é']) {
        const changed = line.slice(0, at) + byte + line.slice(at + 1);
        const entry = readPlainEntry(changed, 0, changed.length);
        if (entry) expect(entry).toEqual(readEntry(changed));
      }
    }
  });
});

test('readPlainEntry() leaves the rest to readEntry()', () => {
  const lines = [
    row(cancelled()),
    row(response({ url: 'http://a/é' })),
    row(response({ url: 'http://a/"\\' })),
    row(response({ input: { tags: ['a'] } })),
  ];
  for (const line of lines) {
    expect(readPlainEntry(line, 0, line.length)).toBeUndefined();
    expect(readEntry(line)).toBeDefined();
  }
});
