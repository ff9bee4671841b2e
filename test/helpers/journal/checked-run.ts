import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { parseRecord, type ResultRecord } from '../../../src/http/record.ts';

/** A list that was fetched in one or several runs, and what the server saw of it. */
export interface CheckedRun {
  readonly urls: readonly string[];
  readonly output: string;
  /** The paths that the server was asked for. */
  readonly asked: readonly string[];
  readonly kills: number;
  readonly concurrency: number;
  /** How long the body is that the server sends for a path. */
  readonly lengthOf: (path: string) => number;
}

/** Holds a run that came to its end to the invariants of `research/faults.md` 2.M, with the server's log as the truth. */
export function expectWhole({ urls, output, asked, kills, concurrency, lengthOf }: CheckedRun): void {
  const text = readFileSync(output, 'utf8');
  expect(text.endsWith('\n')).toBe(true);
  const records = text.slice(0, -1).split('\n').map(parseRecord);
  // I5: every line is a record.
  expect(records).not.toContain(undefined);
  const settled = (records as ResultRecord[]).filter(({ kind }) => kind !== 'cancelled');
  // I1 and I2: one for each input, and no more.
  expect(settled.map(({ index, url }) => `${index} ${url}`).sort()).toEqual(
    urls.map((url, index) => `${index} ${url}`).sort(),
  );
  // I3: what it says is what the server sent.
  for (const record of settled) {
    expect(record).toMatchObject({ kind: 'response', ok: true, length: lengthOf(new URL(record.url).pathname) });
  }
  for (const url of urls) expect(asked).toContain(new URL(url).pathname);
  // I4: asked again only for what was in flight at a kill.
  expect(asked.length - urls.length).toBeLessThanOrEqual(kills * concurrency);
}
