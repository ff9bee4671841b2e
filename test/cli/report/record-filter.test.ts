import { describe, expect, test } from 'vitest';
import { isHostName, recordFilter, type RecordFilter } from '../../../cli/report/record-filter.ts';
import { outcomeWords, type OutcomeName } from '../../../cli/rows/outcome.ts';
import { toRecord } from '../../../src/http/record.ts';
import { cancelled, failure, response } from '../../helpers/results.ts';

const records = [
  toRecord(response({ url: 'https://example.com/' })),
  toRecord(response({ url: 'http://example.com:8080/', ok: false, status: 404 })),
  toRecord(failure('TIMEOUT', { url: 'http://Example.COM/x' })),
  toRecord(failure('TLS_HOST', { url: 'https://user:***@www.example.com/' })),
  toRecord(cancelled({ url: 'http://[::1]:8080/' })),
  toRecord(failure('URL_INVALID', { url: 'no url' })),
];

const nothing: RecordFilter = { only: [], codes: [], statuses: [], hosts: [] };

function chosen(filter: Partial<RecordFilter>): number[] {
  const isChosen = recordFilter({ ...nothing, ...filter })!;
  return records.flatMap((record, at) => (isChosen(record) ? [at] : []));
}

describe('recordFilter()', () => {
  test.each<[Partial<RecordFilter>, number[]]>([
    [{ only: ['ok'] }, [0]],
    [{ only: ['unexpected'] }, [1]],
    [{ only: ['failed'] }, [2, 3, 5]],
    [{ only: ['cancelled'] }, [4]],
    [{ only: ['not-ok'] }, [1, 2, 3, 4, 5]],
    [{ only: ['ok', 'cancelled'] }, [0, 4]],
    [{ codes: ['TIMEOUT'] }, [2]],
    [{ codes: ['TIMEOUT', 'ABORTED'] }, [2, 4]],
    [{ statuses: ['404'] }, [1]],
    [{ statuses: ['400-599', '200'] }, [0, 1]],
    [{ hosts: ['example.com'] }, [0, 1, 2]],
    [{ hosts: ['EXAMPLE.com'] }, [0, 1, 2]],
    [{ hosts: ['example.com:8080'] }, [1]],
    [{ hosts: ['example.com:80'] }, [2]],
    [{ hosts: ['example.com:443'] }, [0]],
    [{ hosts: ['http://example.com'] }, [2]],
    [{ hosts: ['https://example.com:443/'] }, [0]],
    [{ hosts: ['[::1]'] }, [4]],
    [{ hosts: ['[::1]:8080', 'www.example.com'] }, [3, 4]],
    [{ hosts: ['example.org'] }, []],
    [{ only: ['not-ok'], hosts: ['example.com'], codes: ['TIMEOUT'] }, [2]],
    [{ only: ['ok'], codes: ['TIMEOUT'] }, []],
  ])('%j', (filter, numbers) => {
    expect(chosen(filter)).toEqual(numbers);
  });

  test('is undefined without criteria', () => {
    expect(recordFilter(nothing)).toBeUndefined();
  });

  test('matches every record with exactly one outcome, not counting `not-ok`', () => {
    for (const record of records) {
      const met = (Object.keys(outcomeWords) as OutcomeName[]).filter((outcome) =>
        recordFilter({ ...nothing, only: [outcome] })!(record),
      );
      expect(met.filter((outcome) => outcome !== 'not-ok')).toHaveLength(1);
    }
  });
});

test.each([
  ['example.com', true],
  ['localhost:3000', true],
  ['https://example.com/', true],
  ['münchen.example', true],
  ['example.com/path', false],
  ['https://example.com/path', false],
  ['user@example.com', false],
  ['', false],
  ['a b', false],
  ['file:///etc', false],
  ['http://', false],
])('isHostName(%j) is %j', (text, isName) => {
  expect(isHostName(text)).toBe(isName);
});
