import { describe, expect, test } from 'vitest';
import type { FetchErrorCode } from '../../../src/http/error.ts';
import { renderSummary, type LiveFigures } from '../../../src/outputs/summary/summary.ts';
import type { FetchResult } from '../../../src/http/result.ts';
import { createStats } from '../../../src/stats/stats.ts';
import { cancelled, failure, response } from '../../helpers/results.ts';

function summary(results: readonly FetchResult[], wallMs: number, live?: LiveFigures): string[] {
  const stats = createStats();
  for (const result of results) stats.add(result);
  return renderSummary(stats, wallMs, live).split('\n');
}

function times<T>(number: number, item: T): T[] {
  return Array.from({ length: number }, () => item);
}

describe('renderSummary()', () => {
  test('shows the outcome of a run at a glance', () => {
    const results = [
      ...times(950, response({ elapsedMs: 80 })),
      ...times(25, response({ status: 404, ok: false, elapsedMs: 200 })),
      ...times(5, response({ status: 503, ok: false, elapsedMs: 200, attempts: 3 })),
      ...times(10, failure('TIMEOUT', { elapsedMs: 3400, attempts: 1 })),
      ...times(8, failure('DNS_NOT_FOUND', { attempts: 1 })),
      ...times(2, cancelled()),
    ];
    expect(summary(results, 12_300)).toEqual([
      '1,000 URLs in 12.3 s: 950 ok, 30 bad status, 18 failed, 2 cancelled',
      '  failed      10 x TIMEOUT, 8 x DNS_NOT_FOUND',
      '  bad status  25 x 404, 5 x 503',
      '  retries     10',
      '  throughput  81.3 URLs/s, 136 KB/s, 1.7 MB total',
      '  latency     p50 80 ms, p90 80 ms, p99 3.40 s, max 3.40 s',
      '  speed-up    9.4x as fast as one at a time (about 1 min 56 s)',
      '',
    ]);
  });

  test('is short for a run without errors', () => {
    expect(summary([response({ elapsedMs: 87 })], 90)).toEqual([
      '1 URL in 90 ms: 1 ok',
      '  throughput  11.1 URLs/s, 19 KB/s, 1.7 KB total',
      '  latency     p50 87 ms, p90 87 ms, p99 87 ms, max 87 ms',
      '',
    ]);
  });

  test('wraps between words, and gives an upper bound for a CPU-bound run', () => {
    const stats = createStats();
    for (let at = 0; at < 100; at += 1) stats.add(response({ elapsedMs: 80 }));
    const lines = renderSummary(stats, 1000, { width: 40, isCpuBound: true }).split('\n');
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(40);
    expect(lines.slice(-3)).toEqual([
      '  speed-up    up to 8.0x as fast as one',
      '              at a time (at most 8.00 s)',
      '',
    ]);
  });

  test('is one line for an empty run', () => {
    expect(summary([], 0)).toEqual(['0 URLs in 0.0 ms: 0 ok', '']);
  });

  test('has no latency if nothing was attempted', () => {
    expect(summary([failure('URL_INVALID', { attempts: 0, elapsedMs: 0 })], 0).join('\n')).not.toMatch(
      /latency|NaN|Infinity/,
    );
  });

  test('shows every code, the most frequent first', () => {
    const codes: FetchErrorCode[] = [
      'TIMEOUT',
      'TIMEOUT',
      'CONN_RESET',
      'TLS_HOST',
      'DNS_TIMEOUT',
      'NO_RESPONSE',
      'URL_INVALID',
    ];
    expect(
      summary(
        codes.map((code) => failure(code)),
        10,
      )[1],
    ).toBe(
      '  failed      2 x TIMEOUT, 1 x CONN_RESET, 1 x TLS_HOST, 1 x DNS_TIMEOUT, 1 x NO_RESPONSE, 1 x URL_INVALID',
    );
  });

  test('lists the ok statuses unless 200 is the only one', () => {
    const statuses = [200, 200, 304, 404, 404].map((status) => response({ status }));
    const notOk = response({ status: 404, ok: false });
    expect(summary([...statuses, notOk], 10).slice(1, 3)).toEqual([
      '  bad status  1 x 404',
      '  ok          2 x 200, 2 x 404, 1 x 304',
    ]);
  });

  test('names the hosts that fail most and the slow ones if there are several hosts', () => {
    const results = [
      ...times(20, response({ url: 'https://a.test/', elapsedMs: 100 })),
      ...times(3, response({ url: 'https://slow.test/x', elapsedMs: 3000 })),
      ...times(2, failure('TIMEOUT', { url: 'http://b.test:8080/', elapsedMs: 90 })),
      response({ url: 'https://a.test/', ok: false, status: 500, elapsedMs: 100 }),
    ];
    const lines = summary(results, 1000);
    expect(lines).toContain('  failing     http://b.test:8080 (2 of 2), a.test (1 of 21)');
    expect(lines).toContain('  slowest     slow.test (3.00 s on average)');
    expect(summary(results.slice(20, 23), 1000).join()).not.toMatch(/slowest|failing/);
  });

  test('a host that refuses is no slow host, however long its retries took', () => {
    const results = [
      ...times(9, response({ url: 'https://a.test/', elapsedMs: 10 })),
      ...times(2, response({ url: 'https://b.test/', elapsedMs: 100 })),
      failure('CONNECT_REFUSED', { url: 'https://refused.test/', elapsedMs: 9000, attempts: 3 }),
    ];
    const lines = summary(results, 1000);
    expect(lines).toContain('  slowest     b.test (100 ms on average)');
    expect(lines).toContain('  failing     refused.test (1 of 1)');
  });

  test('of selected records has no duration and no throughput', () => {
    expect(summary([response({ elapsedMs: 80 })], 16_000, { isSelection: true })).toEqual([
      '1 URL: 1 ok',
      '  latency     p50 80 ms, p90 80 ms, p99 80 ms, max 80 ms',
      '',
    ]);
  });

  test('counts the expectations that were not met besides statuses', () => {
    const results = [
      response(),
      response({ ok: false, status: 404 }),
      ...times(2, response({ ok: false, unexpected: ['body', 'time'] })),
      response({ ok: false, unexpected: ['body'] }),
    ];
    expect(summary(results, 1000).slice(0, 2)).toEqual([
      '5 URLs in 1.00 s: 1 ok, 4 unexpected',
      '  unexpected  3 x 200, 1 x 404 (expectation not met: 3 x body, 2 x time)',
    ]);
  });

  test('ends with the tip', () => {
    expect(summary([response()], 1000, { tip: '-c 100 may be faster' }).at(-2)).toBe(
      '  tip         -c 100 may be faster',
    );
  });

  test('calls no host slow if all are alike', () => {
    const results = ['a', 'b', 'c'].map((name) => response({ url: `https://${name}.test/` }));
    expect(summary(results, 1000).join()).not.toMatch(/slowest|failing/);
  });

  test('names the main bottlenecks of a live run', () => {
    const bottlenecks = [
      { name: '--per-host 6', share: 0.9 },
      { name: '-c 50', share: 0.06 },
      { name: 'our own CPU', share: 0.04 },
    ];
    expect(summary([response()], 1000, { bottlenecks })).toContain(
      '  bottleneck  --per-host 6 (90% of the time), -c 50 (6%)',
    );
    expect(summary([response()], 1000, { bottlenecks: [] }).join()).not.toContain('bottleneck');
  });
});
