import { expect, test } from 'vitest';
import { failureDetail } from '../../../cli/rows/failure-detail.ts';
import { FetchError } from '../../../src/http/error.ts';
import { cancelled, failure, response } from '../../helpers/results.ts';

test('failureDetail() is undefined for responses and cancelled requests', () => {
  expect(failureDetail(response({ ok: false, status: 500 }))).toBeUndefined();
  expect(failureDetail(cancelled())).toBeUndefined();
});

test('failureDetail() shows the message and its causes on one line, without control characters', () => {
  const cause = Object.assign(new Error('no route\nto \u001b[2Jhost', { cause: new Error('deeper') }), {
    code: 'EHOSTUNREACH',
  });
  const error = new FetchError('CONNECT_UNREACHABLE', 'Cannot connect', { cause });
  expect(failureDetail(failure('CONNECT_UNREACHABLE', { index: 7, url: 'http://a/\u009b', error }))).toBe(
    String.raw`#7 http://a/\x9b: CONNECT_UNREACHABLE: Cannot connect; caused by: no route\x0ato \x1b[2Jhost (EHOSTUNREACH); caused by: deeper`,
  );
});

test('failureDetail() stops at a circular cause', () => {
  const circle = new Error('round');
  circle.cause = circle;
  const error = new FetchError('INTERNAL', 'A fault', { cause: circle });
  expect(failureDetail(failure('INTERNAL', { error }))?.length).toBeLessThan(200);
});
