import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { parseRecord, type ResultRecord } from '../../../src/http/record.ts';

/** A list that was fetched in one or more runs, and the log of its server. */
export interface CheckedRun {
  readonly urls: readonly string[];
  readonly output: string;
  /** The paths that were requested. */
  readonly asked: readonly string[];
  readonly kills: number;
  readonly concurrency: number;
  /** Returns the length of the body that the server sends for a path. */
  readonly lengthOf: (path: string) => number;
}

/** Checks the invariants I1 to I5 of a finished run against the log of the server. */
export function expectWhole({ urls, output, asked, kills, concurrency, lengthOf }: CheckedRun): void {
  const text = readFileSync(output, 'utf8');
  expect(text.endsWith('\n')).toBe(true);
  const records = text.slice(0, -1).split('\n').map(parseRecord);
  // I5: every line is a record.
  expect(records).not.toContain(undefined);
  const settled = (records as ResultRecord[]).filter(({ kind }) => kind !== 'cancelled');
  // I1 and I2: every input has exactly one record.
  expect(settled.map(({ index, url }) => `${index} ${url}`).sort()).toEqual(
    urls.map((url, index) => `${index} ${url}`).sort(),
  );
  // I3: the record agrees with the response of the server.
  for (const record of settled) {
    expect(record).toMatchObject({ kind: 'response', ok: true, length: lengthOf(new URL(record.url).pathname) });
  }
  for (const url of urls) expect(asked).toContain(new URL(url).pathname);
  // I4: only requests in flight at a kill are sent again.
  expect(asked.length - urls.length).toBeLessThanOrEqual(kills * concurrency);
}
