import { describe, expect, test } from 'vitest';
import { toRecord, type ResultRecord } from '../../../src/http/record.ts';
import { verdictOf } from '../../../src/http/result.ts';
import { noHost } from '../../../src/pages/model/host-reader.ts';
import { sumOf } from '../../../src/pages/model/verdicts.ts';
import { modelReport, type ReportBounds, type ReportModel } from '../../../src/pages/model/report-model.ts';
import { madeRecords } from '../../helpers/journal/made-records.ts';
import { cancelled, failure, response } from '../../helpers/results.ts';

async function modelOf(records: readonly ResultRecord[], bounds?: ReportBounds): Promise<ReportModel> {
  async function* all(): AsyncGenerator<ResultRecord> {
    yield* records;
  }
  return modelReport(all(), bounds);
}

const at = (ms: number): string => new Date(Date.UTC(2026, 0, 1) + ms).toISOString();

describe('modelReport()', () => {
  test('agrees with a recount of its records', async () => {
    const records = madeRecords(3000);
    const model = await modelOf(records);
    const of = (wanted: string): ResultRecord[] => records.filter((record) => verdictOf(record) === wanted);
    expect(model.stats).toMatchObject({
      count: 3000,
      ok: of('ok').length,
      failures: of('failed').length,
      cancelled: of('cancelled').length,
    });
    const placed = records.filter((record) => record.at !== undefined);
    expect(model.placed).toBe(placed.length);
    expect(model.bars).toHaveLength(placed.length);
    expect(model.bins.reduce((sum, { ended }) => sum + sumOf(ended), 0)).toBe(placed.length);
    expect(model.bins.reduce((sum, { busyMs }) => sum + busyMs, 0)).toBeCloseTo(
      placed.reduce((sum, { elapsedMs }) => sum + elapsedMs, 0),
      3,
    );
    expect(model.span).toEqual({
      fromMs: Math.min(...placed.map((record) => Date.parse(record.at!))),
      toMs: Math.max(...placed.map((record) => Date.parse(record.at!) + record.elapsedMs)),
    });
    for (const kind of ['ok', 'unexpected', 'failed'] as const) {
      const timed = of(kind).filter(({ attempts }) => attempts > 0);
      expect(model.elapsed[kind].count).toBe(timed.length);
      expect(model.elapsed[kind].longestMs).toBe(Math.max(...timed.map(({ elapsedMs }) => elapsedMs)));
    }
    for (const { host, verdicts, longestMs } of model.hosts.shown) {
      const ofHost = records.filter(({ url }) => (URL.canParse(url) ? new URL(url).origin : noHost) === host);
      expect([host, sumOf(verdicts)]).toEqual([host, ofHost.length]);
      expect(verdicts.failed).toBe(ofHost.filter(({ kind }) => kind === 'failure').length);
      const timed = ofHost.filter(({ kind, attempts }) => kind !== 'cancelled' && attempts > 0);
      expect(longestMs).toBe(Math.max(0, ...timed.map(({ elapsedMs }) => elapsedMs)));
    }
    expect(model.hosts).toMatchObject({ count: 5, hosts: 4, uncounted: 0 });
    const known = records.filter(({ timingsMs }) => timingsMs?.connect !== undefined);
    expect(model.phases.get('connect')!.count).toBe(known.length);
  });

  test('keeps the slowest requests and those that are not ok, each once, slowest first', async () => {
    const records = madeRecords(3000);
    const { notable } = await modelOf(records, { slowest: 50 });
    const tried = records.filter(({ kind, attempts }) => kind !== 'cancelled' && attempts > 0);
    const slowest = tried.toSorted((one, other) => other.elapsedMs - one.elapsedMs).slice(0, 50);
    const indexes = new Set(notable.rows.map(({ index }) => index));
    for (const { index } of slowest) expect(indexes).toContain(index);
    expect(indexes.size).toBe(notable.rows.length);
    const times = notable.rows.map(({ elapsedMs }) => elapsedMs);
    expect(times).toEqual(times.toSorted((one, other) => other - one));
    const notOk = records.filter(({ ok }) => !ok);
    expect(notable.notOkCount).toBe(notOk.length);
    for (const { index } of notOk) expect(indexes).toContain(index);
  });

  test('does not let a flood of one failure hide others', async () => {
    const flood = Array.from({ length: 5000 }, (_, index) => toRecord(failure('TIMEOUT', { index })));
    const { notable } = await modelOf([...flood, toRecord(failure('TLS_EXPIRED', { index: 5000 }))], { slowest: 1 });
    expect(notable).toMatchObject({ notOk: 201, notOkCount: 5001 });
    expect(notable.rows.map(({ label }) => label)).toContain('TLS_EXPIRED');
  });

  test('keeps to its limits and counts what it left out', async () => {
    const records = Array.from({ length: 2000 }, (_, index) =>
      toRecord(
        response({ index, url: `https://h${index}.example/${'x'.repeat(5000)}`, elapsedMs: index, at: at(index) }),
      ),
    );
    const model = await modelOf(records, { bars: 100, slowest: 10, hosts: 5 });
    expect(model).toMatchObject({
      placed: 2000,
      bars: { length: 100 },
      notable: { rows: { length: 10 }, notOkCount: 0 },
    });
    expect(model.hosts).toMatchObject({ count: 2000, uncounted: 0 });
    expect(model.hosts.shown.length).toBeLessThanOrEqual(15);
    expect(model.hosts.shown.map(({ host }) => host)).toContain('https://h1999.example');
    for (const { url } of model.bars) expect(url).toHaveLength(300);
    for (const { url } of model.notable.rows) expect(url).toHaveLength(2000);
  });

  test('ignores the start of requests never sent and of impossible times', async () => {
    const strange = [
      cancelled({ index: 1 }),
      response({ index: 2, at: 'yesterday' }),
      response({ index: 3, at: at(0), elapsedMs: 1e300 }),
    ].map((result) => toRecord(result));
    expect(await modelOf(strange)).toMatchObject({ span: undefined, placed: 0, bars: [], bins: [] });
    expect(await modelOf([...strange, toRecord(response({ at: at(5), elapsedMs: 10 }))])).toMatchObject({
      stats: { count: 4 },
      placed: 1,
      span: { fromMs: Date.parse(at(5)), toMs: Date.parse(at(15)) },
    });
  });
});
