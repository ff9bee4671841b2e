import { describe, expect, test } from 'vitest';
import { toRecord, type ResultRecord } from '../../src/http/record.ts';
import { SupersededRecords } from '../../src/journal/superseded.ts';
import { cancelled, failure, response } from '../helpers/results.ts';

/** Returns the numbers of the records that no later one replaces. */
function lastOnes(records: readonly ResultRecord[]): number[] {
  const supersession = new SupersededRecords();
  for (const record of records) supersession.note(record);
  return records.flatMap((record, at) => (supersession.isSuperseded(record) ? [] : [at]));
}

const ok = (index: number, url = `http://a/${index}`) => toRecord(response({ index, url }));
const failed = (index: number, url = `http://a/${index}`) => toRecord(failure('TIMEOUT', { index, url }));
const stopped = (index: number, url = `http://a/${index}`) => toRecord(cancelled({ index, url }));
const notFound = (index: number) => toRecord(response({ index, url: `http://a/${index}`, ok: false, status: 404 }));

describe('Supersession', () => {
  test.each<[string, ResultRecord[], number[]]>([
    ['one run', [ok(0), failed(1), stopped(2), notFound(3)], [0, 1, 2, 3]],
    ['requests repeated once', [ok(0), stopped(1), failed(2), ok(1), ok(2)], [0, 3, 4]],
    ['a request that failed again', [failed(0), failed(0), notFound(0)], [2]],
    ['a request that failed, was cancelled and then succeeded', [failed(0), stopped(0), ok(0)], [2]],
    ['two equal lines, one failed and one successful', [failed(0, 'http://a/'), ok(1, 'http://a/')], [0, 1]],
    ['two requests at the same index of two lists', [failed(0, 'http://a/'), ok(0, 'http://b/')], [0, 1]],
    ['a request that had succeeded before', [ok(0), failed(0)], [0, 1]],
  ])('keeps the records that count: %s', (_, records, kept) => {
    expect(lastOnes(records)).toEqual(kept);
  });

  test('tells requests apart by method, body and id', () => {
    const variants = [{}, { method: 'POST' }, { bodyHash: 'ab' }, { id: 'x' }].map((more) => ({
      ...failed(0),
      ...more,
    }));
    expect(lastOnes([...variants, ok(0)])).toEqual([1, 2, 3, 4]);
  });

  test('counts superseded records once all were noted', () => {
    const supersession = new SupersededRecords();
    for (const record of [failed(0), failed(1), failed(0), ok(0), ok(2)]) supersession.note(record);
    expect(supersession.superseded).toBe(2);
  });

  test('keeps records that were written after those noted', () => {
    const supersession = new SupersededRecords();
    supersession.note(failed(0));
    expect([failed(0), failed(0), ok(0)].map((record) => supersession.isSuperseded(record))).toEqual([
      false,
      false,
      false,
    ]);
  });

  test('accepts an index beyond the length of any list', () => {
    expect(lastOnes([failed(2 ** 40), ok(2 ** 40)])).toEqual([0, 1]);
  });

  test('remembers only requests that were not ok', () => {
    const heapBefore = process.memoryUsage().arrayBuffers;
    const supersession = new SupersededRecords();
    for (let index = 0; index < 100_000; index += 1) supersession.note(ok(index));
    expect(process.memoryUsage().arrayBuffers - heapBefore).toBeLessThan(200_000);
  });
});
