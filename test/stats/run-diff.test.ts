import { describe, expect, test } from 'vitest';
import type { ResultRecord } from '../../src/http/record.ts';
import { RunDiff } from '../../src/stats/run-diff.ts';

type More = Partial<Record<string, unknown>>;

const response = (url: string, status = 200, more: More = {}): ResultRecord => ({
  index: 0,
  url,
  method: 'GET',
  kind: 'response',
  ok: status < 400,
  status,
  length: 10,
  wireLength: 10,
  elapsedMs: 100,
  attempts: 1,
  complete: 'framed',
  finalUrl: url,
  redirects: 0,
  ...more,
});

const failure = (url: string, code = 'TIMEOUT'): ResultRecord =>
  ({
    index: 0,
    url,
    method: 'GET',
    kind: 'failure',
    ok: false,
    length: 0,
    elapsedMs: 100,
    attempts: 1,
    error: { code, message: '', retryable: true },
  }) as ResultRecord;

/** Compares two runs and returns the differences as short texts. */
function diff(old: readonly ResultRecord[], fresh: readonly ResultRecord[]): string[] {
  const runs = new RunDiff();
  for (const record of old) runs.addOld(record);
  const found = fresh.map((record) => runs.compare(record));
  const gone = old.map((record) => runs.gone(record));
  return [...found, ...gone].flatMap((difference) => {
    if (!difference) return [];
    const { kind, url, oldLabel = '-', newLabel = '-' } = difference;
    return [`${kind} ${url} ${oldLabel} ${newLabel}`];
  });
}

describe('RunDiff', () => {
  test.each<[what: string, old: ResultRecord[], fresh: ResultRecord[], differences: string[]]>([
    ['no difference', [response('a'), failure('b')], [failure('b'), response('a')], []],
    ['a URL that fails now', [response('a')], [failure('a')], ['failing a 200 TIMEOUT']],
    ['a URL with a bad status now', [response('a')], [response('a', 404)], ['failing a 200 404']],
    ['a URL that works again', [failure('a')], [response('a')], ['fixed a TIMEOUT 200']],
    ['another status', [response('a')], [response('a', 204)], ['status a 200 204']],
    ['another error', [failure('a')], [failure('a', 'CONN_RESET')], ['status a TIMEOUT CONN_RESET']],
    ['another length', [response('a')], [response('a', 200, { length: 11 })], ['content a 200 200']],
    ['the same checksum', [response('a', 200, { sha256: 'x' })], [response('a', 200, { sha256: 'x', length: 11 })], []],
    [
      'another checksum',
      [response('a', 200, { sha256: 'x' })],
      [response('a', 200, { sha256: 'y' })],
      ['content a 200 200'],
    ],
    ['a checksum on one side', [response('a')], [response('a', 200, { sha256: 'y' })], []],
    [
      'another body',
      [response('a', 200, { bodyEncoding: 'text', body: 'x' })],
      [response('a', 200, { bodyEncoding: 'text', body: 'y' })],
      ['content a 200 200'],
    ],
    [
      'the same body in another layout',
      [response('a', 200, { bodyEncoding: 'json', body: '{}' })],
      [response('a', 200, { bodyEncoding: 'json', body: '{}', length: 11 })],
      [],
    ],
    [
      'bodies that cannot be compared',
      [response('a', 200, { bodyEncoding: 'text', body: 'x' })],
      [response('a', 200, { bodyEncoding: 'base64', body: 'eA==' })],
      [],
    ],
    ['another place', [response('a')], [response('a', 200, { finalUrl: 'z' })], ['content a 200 200']],
    [
      'another type',
      [response('a', 200, { mediaType: 'y' })],
      [response('a', 200, { mediaType: 'z' })],
      ['content a 200 200'],
    ],
    ['a type on one side', [response('a')], [response('a', 200, { mediaType: 'z' })], []],
    ['a body that is unchanged', [response('a')], [response('a', 304, { unchanged: true })], []],
    [
      'a body that has changed after it was unchanged',
      [response('a', 304, { unchanged: true, sha256: 'x' })],
      [response('a', 200, { sha256: 'y' })],
      ['content a 200 200'],
    ],
    ['much slower', [response('a')], [response('a', 200, { elapsedMs: 700 })], ['slower a 200 200']],
    ['a little slower', [response('a')], [response('a', 200, { elapsedMs: 500 })], []],
    ['a new URL', [], [response('a')], ['new a - 200']],
    ['a URL that is gone', [response('a'), response('b')], [response('b')], ['gone a 200 -']],
    ['equal lines, each by itself', [response('a'), failure('a')], [response('a'), failure('a')], []],
    [
      'one of three equal lines gone',
      [response('a'), response('a'), response('a')],
      [response('a'), response('a')],
      ['gone a 200 -'],
    ],
    ['another method', [response('a')], [response('a', 200, { method: 'HEAD' })], ['new a - 200', 'gone a 200 -']],
  ])('finds %s', (_, old, fresh, differences) => {
    expect(diff(old, fresh)).toEqual(differences);
  });

  test.each<[what: string, old: More, fresh: More, count: number]>([
    ['nothing but a length', {}, {}, 1],
    ['a checksum on one side', {}, { sha256: 'x' }, 1],
    ['checksums', { sha256: 'x' }, { sha256: 'x' }, 0],
    ['bodies', { bodyEncoding: 'text', body: 'x' }, { bodyEncoding: 'text', body: 'x' }, 0],
    ['the same ETag', { etag: '"x"' }, { etag: '"x"' }, 0],
    ['another ETag', { etag: '"x"' }, { etag: '"y"' }, 1],
    ['a body that is unchanged', {}, { unchanged: true }, 0],
    ['another length', {}, { length: 11 }, 0],
    ['no body', { length: 0 }, { length: 0 }, 0],
  ])('counts what was compared by length only: %s', (_, old, fresh, count) => {
    const runs = new RunDiff();
    runs.addOld(response('a', 200, old));
    runs.compare(response('a', 200, fresh));
    expect(runs.comparedByLength).toBe(count);
  });

  test('compares many equal lines in linear time', () => {
    const once = (count: number): number => {
      const records = Array.from({ length: count }, () => response('a'));
      const start = performance.now();
      expect(diff(records, records)).toEqual([]);
      return performance.now() - start;
    };
    // The best of several: a pause of the machine is no property of the algorithm.
    const time = (count: number): number => Math.min(...Array.from({ length: 5 }, () => once(count)));
    time(5000);
    expect(time(50_000) / time(5000)).toBeLessThan(50);
  });
});
