import { expect, test } from 'vitest';
import { summaryRecord } from '../../../src/outputs/summary/summary-json.ts';
import { createStats } from '../../../src/stats/stats.ts';
import { cancelled, failure, response } from '../../helpers/results.ts';

const answers = (count: number, meanAnswerMs: number): object => ({ answers: count, meanAnswerMs });

test('summaryRecord() returns all figures of a run as plain data', () => {
  const stats = createStats();
  const url = 'https://a.test/';
  for (const elapsedMs of [100, 200]) stats.add(response({ url, elapsedMs, length: 10, wireLength: 5 }));
  stats.add(response({ url, elapsedMs: 300, length: 1, wireLength: 1, ok: false, status: 404, attempts: 2 }));
  stats.add(failure('TIMEOUT', { url: 'http://b.test/', elapsedMs: 1000, attempts: 3 }));
  stats.add(cancelled({ elapsedMs: 50, attempts: 1 }));
  const record = summaryRecord(stats, 500, [{ bound: 'hostConcurrency', share: 0.93456 }]);
  expect(JSON.parse(JSON.stringify(record))).toEqual({
    wallMs: 500,
    count: 5,
    responses: 3,
    ok: 2,
    failures: 1,
    cancelled: 1,
    statuses: { 200: 2, 404: 1 },
    unexpected: { 404: 1 },
    codes: { TIMEOUT: 1 },
    retries: 3,
    length: 21,
    wireLength: 11,
    elapsedMs: 1650,
    perSecond: 10,
    speedUp: 3.3,
    percentilesMs: {
      p50: expect.closeTo(200, 0),
      p90: expect.closeTo(1000, 0),
      p99: expect.closeTo(1000, 0),
      max: 1000,
    },
    hosts: {
      known: 2,
      isExact: true,
      slowest: [{ host: 'https://a.test', count: 3, notOk: 1, meanMs: 200, longestMs: 300, ...answers(3, 200) }],
      failing: [
        { host: 'http://b.test', count: 1, notOk: 1, meanMs: 1000, longestMs: 1000, ...answers(0, 0) },
        { host: 'https://a.test', count: 3, notOk: 1, meanMs: 200, longestMs: 300, ...answers(3, 200) },
      ],
    },
    bounds: [{ bound: 'hostConcurrency', share: 0.935 }],
    pace: [],
    atOnce: [],
    down: [],
    waited: [],
  });
});

test('summaryRecord() of an empty run has numbers too', () => {
  const record = summaryRecord(createStats(), 0);
  expect(record).toMatchObject({ count: 0, perSecond: 0, speedUp: 0, bounds: [], percentilesMs: { p50: 0, max: 0 } });
});
