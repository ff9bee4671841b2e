import { readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { text } from '../../../src/outputs/formats/text.ts';
import { nastyStrings } from '../../helpers/servers/nasty.ts';
import { cancelled, failure, response } from '../../helpers/results.ts';

const results = [
  response({ elapsedMs: 87.4 }),
  response({ status: 404, ok: false, length: 0, elapsedMs: 12_345.6789 }),
  failure('ENCODING_UNSUPPORTED', { length: 50_000_000, elapsedMs: 0 }),
  failure('URL_INVALID', { url: 'a\u001b[31mb', elapsedMs: 0 }),
  cancelled(),
];

const rows = [
  '200                         5123     0.087s  https://example.com/\n',
  '404                            0    12.346s  https://example.com/\n',
  'ENCODING_UNSUPPORTED    50000000     0.000s  https://example.com/\n',
  'URL_INVALID                    0     0.000s  a\\x1b[31mb\n',
  'cancelled                      -     0.000s  https://example.com/\n',
];

describe('text()', () => {
  test('writes aligned columns', () => {
    expect(results.map(text().row)).toEqual(rows);
  });

  test('writes the same text with colours', () => {
    const painted = results.map(text({ color: true }).row);
    expect(painted.map(stripVTControlCharacters)).toEqual(rows);
    expect(painted[0]).toContain('\u001b[32m200');
    expect(painted[1]).toContain('\u001b[33m404');
    expect(painted[2]).toContain('\u001b[31mENCODING_UNSUPPORTED');
  });

  test('has a status column wide enough for every code', () => {
    const source = readFileSync(new URL('../../../src/http/error.ts', import.meta.url), 'utf8');
    const codes = new Set(source.match(/'[A-Z_]+'/g)?.map((code) => code.slice(1, -1)));
    expect(codes.size).toBeGreaterThan(40);
    for (const code of codes) expect(code.length).toBeLessThanOrEqual('ENCODING_UNSUPPORTED'.length);
  });

  test('writes one line for any URL, without anything that moves the cursor', () => {
    for (const url of nastyStrings) {
      const row = text().row(response({ url }));
      expect(row.split('\n')).toHaveLength(2);
      // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
      expect(row.slice(0, -1)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
    }
  });
});
