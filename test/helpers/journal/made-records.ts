import { toRecord, type ResultRecord } from '../../../src/http/record.ts';
import { cancelled, failure, response } from '../results.ts';

/** Makes `count` records with every kind of result; the same in every call. */
export function madeRecords(count: number): ResultRecord[] {
  const start = Date.UTC(2026, 2, 1, 10);
  return Array.from({ length: count }, (_, index) => {
    const chance = (index * 7919) % 1000;
    const elapsedMs = 5 + ((index * 104_729) % 100_000) / 1000;
    const at = new Date(start + index * 2).toISOString();
    const url = `https://host${(index * index) % 7}.example/path/${index}?q=${chance}`;
    const timingsMs = {
      queue: index % 3,
      ...(index % 10 === 0 ? { dns: 1, connect: 2, tls: 3 } : {}),
      firstByte: elapsedMs / 2,
      download: elapsedMs / 4,
    };
    if (chance < 20) return toRecord(failure('TIMEOUT', { index, url, at, elapsedMs: elapsedMs * 20, attempts: 3 }));
    if (chance < 30) return toRecord(failure('CONNECT_REFUSED', { index, url, at, elapsedMs }));
    if (chance < 35)
      return neverSent(toRecord(failure('URL_INVALID', { index, url: 'no url', elapsedMs: 0, attempts: 0 })));
    if (chance < 40) return toRecord(cancelled({ index, url }));
    if (chance < 70) return toRecord(response({ index, url, at, elapsedMs, timingsMs, ok: false, status: 404 }));
    return toRecord(
      response({ index, url, at, elapsedMs, timingsMs, length: index * 3, attempts: index % 50 === 0 ? 2 : 1 }),
    );
  });
}

function neverSent(record: ResultRecord): ResultRecord {
  const { at: _, ...rest } = record;
  return rest;
}
