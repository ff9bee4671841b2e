import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseRecord, toRecord } from '../../../src/http/record.ts';
import { jsonl } from '../../../src/outputs/formats/jsonl.ts';
import { nastyStrings } from '../../helpers/servers/nasty.ts';
import { failure, response } from '../../helpers/results.ts';

describe('jsonl()', () => {
  test('writes one record per line', () => {
    const result = failure('TIMEOUT');
    expect(jsonl().row(result)).toBe(`${JSON.stringify(toRecord(result))}\n`);
  });

  test('writes headers if they are wanted', () => {
    const row = jsonl({ includeHeaders: true }).row(response({ headers: { server: 'x' } }));
    expect(JSON.parse(row)).toMatchObject({ headers: { server: 'x' } });
  });

  test('writes any text on one line, safe for a terminal, so that a parser gets it back', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...nastyStrings));
    fc.assert(
      fc.property(text, text, (url, id) => {
        const row = jsonl().row(response({ url, id }));
        // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
        expect(row.slice(0, -1)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e]/);
        expect(parseRecord(row)).toMatchObject({ url, id });
        expect(Buffer.from(row).toString()).toBe(row);
      }),
    );
  });
});
