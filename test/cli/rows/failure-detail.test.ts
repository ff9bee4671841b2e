import { expect, test } from 'vitest';
import { failureDetail } from '../../../cli/rows/failure-detail.ts';
import { FetchError } from '../../../src/http/error.ts';
import { cancelled, failure, response } from '../../helpers/results.ts';

test('failureDetail() is undefined for what is ok and for cancelled requests', () => {
  expect(failureDetail(response())).toBeUndefined();
  expect(failureDetail(cancelled())).toBeUndefined();
});

test('failureDetail() says what is unexpected about a response, and what was expected', () => {
  const url = 'http://a/\u009b';
  const missing = response({ url, ok: false, status: 404, line: 3 });
  expect(failureDetail(missing, { statuses: '200-399' })).toBe('http://a/\\x9b (line 3): status 404, expected 200-399');
  expect(failureDetail(missing)).toBe('http://a/\\x9b (line 3): status 404 is unexpected');
  const slow = response({ url: 'http://a/', ok: false, unexpected: ['type', 'body', 'time'], elapsedMs: 1234 });
  expect(failureDetail(slow, { type: 'text/html', body: '<h1>', withinMs: 1000 })).toBe(
    'http://a/: type unknown, expected text/html; body does not match <h1>; took 1.23 s, expected at most 1.00 s',
  );
  expect(failureDetail(slow)).toBe('http://a/: type unknown is unexpected; body is unexpected; took 1.23 s');
});

test('failureDetail() shows the message and its causes on one line, without control characters', () => {
  const cause = Object.assign(new Error('no route\nto \u001b[2Jhost', { cause: new Error('deeper') }), {
    code: 'EHOSTUNREACH',
  });
  const error = new FetchError('CONNECT_UNREACHABLE', 'Cannot connect', { cause });
  expect(failureDetail(failure('CONNECT_UNREACHABLE', { index: 7, url: 'http://a/\u009b', error }))).toBe(
    String.raw`http://a/\x9b: CONNECT_UNREACHABLE: Cannot connect; caused by: no route\x0ato \x1b[2Jhost (EHOSTUNREACH); caused by: deeper`,
  );
});

test('failureDetail() names no cause that the message quotes', () => {
  const cause = new Error('line 1 is broken', { cause: new Error('line 1 is broken') });
  const error = new FetchError('HOOK_FAILED', 'The jar failed: line 1 is broken', { cause });
  expect(failureDetail(failure('HOOK_FAILED', { url: 'http://a/', error }))).toBe(
    'http://a/: HOOK_FAILED: The jar failed: line 1 is broken',
  );
});

test("failureDetail() has our flag in place of Node's, which a command has no use for", () => {
  const cause = new Error(
    'self-signed certificate; if the root CA is installed locally, try running Node.js with --use-system-ca',
  );
  const error = new FetchError('TLS_SELF_SIGNED', 'Cannot connect', { cause });
  expect(failureDetail(failure('TLS_SELF_SIGNED', { error }))).toMatch(
    /; caused by: self-signed certificate; if the root CA is installed locally, try --ca system$/,
  );
});

test('failureDetail() stops at a circular cause', () => {
  const circle = new Error('round');
  circle.cause = circle;
  const error = new FetchError('INTERNAL', 'A fault', { cause: circle });
  expect(failureDetail(failure('INTERNAL', { error }))?.length).toBeLessThan(200);
});
