import { describe, expect, test } from 'vitest';
import { toRecord } from '../../../src/http/record.ts';
import { json } from '../../../src/outputs/formats/json.ts';
import type { FetchResult } from '../../../src/http/result.ts';
import { nastyStrings } from '../../helpers/servers/nasty.ts';
import { cancelled, failure, response } from '../../helpers/results.ts';

function document(results: readonly FetchResult[]): string {
  const format = json();
  return [format.head!(), ...results.map(format.row), format.tail!()].join('');
}

describe('json()', () => {
  test.each([
    ['no record', []],
    ['one record', [response()]],
    ['several records', [response(), failure(), cancelled()]],
    ['any text', nastyStrings.map((url) => response({ url }))],
  ])('writes an array of %s', (_, results) => {
    expect(JSON.parse(document(results))).toEqual(results.map((result) => toRecord(result)));
  });

  test('writes one record per line', () => {
    expect(document([response(), failure()]).split('\n')).toHaveLength(5);
  });
});
