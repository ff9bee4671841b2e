import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Ledger } from '../../src/journal/ledger.ts';
import type { RecordState, LineState } from '../../src/journal/record-line.ts';

interface Row {
  readonly text: string;
  readonly index: number;
  readonly state: RecordState;
}

/** Returns the state of each line of a list, given these records. */
function verdicts(rows: readonly Row[], list: readonly string[], retryFailed = false): LineState[] {
  const ledger = new Ledger();
  for (const { text, index, state } of rows) {
    ledger.add([text], index, retryFailed && state === 'not ok' ? 'open' : state);
  }
  return list.map((text, index) => ledger.take([text], index));
}

/** Returns, for each line, the index under which it would be fetched; undefined if it is done. */
function run(rows: readonly Row[], list: readonly string[], retryFailed = false): (number | undefined)[] {
  return verdicts(rows, list, retryFailed).map((verdict) => ('index' in verdict ? verdict.index : undefined));
}

/** Counts the lines that are done, by state. */
function countDone(all: readonly LineState[]): Record<string, number> {
  const count = (state: string): number => all.filter((one) => 'done' in one && one.done === state).length;
  return { ok: count('ok'), notOk: count('not ok') };
}

const ok = (text: string, index: number): Row => ({ text, index, state: 'ok' });
const open = (text: string, index: number): Row => ({ text, index, state: 'open' });
const notOk = (text: string, index: number): Row => ({ text, index, state: 'not ok' });
const done = undefined;

test.each<[string, Row[], string[], (number | undefined)[]]>([
  ['nothing is done', [], ['a', 'b'], [0, 1]],
  ['a line with a record is done', [ok('a', 0), notOk('b', 1)], ['a', 'b', 'c'], [done, done, 2]],
  ['a line with a record is done in another order, too', [ok('a', 0), ok('b', 1)], ['b', 'c', 'a'], [done, 1, done]],
  ['a cancelled line is not done', [open('a', 0)], ['a'], [0]],
  ['a record serves one line only', [ok('a', 0)], ['a', 'a'], [done, 1]],
  ['the later record of the file counts, if it is open', [ok('a', 0), open('a', 0)], ['a'], [0]],
  ['the later record of the file counts, if it is ok', [open('a', 0), ok('a', 0)], ['a'], [done]],
  ['two records for one input count once', [notOk('a', 0), ok('a', 0)], ['a', 'a'], [done, 1]],
  ['a line uses its own record first, and the gap is filled under its own index', [ok('a', 1)], ['a', 'a'], [done, 0]],
  [
    'a line uses its own record first, with two gaps',
    [ok('a', 2), ok('a', 3)],
    ['a', 'a', 'a', 'a'],
    [done, done, 1, 0],
  ],
  ['a line uses a record that is ok if its own is not', [notOk('a', 0), ok('a', 1)], ['a', 'a', 'a'], [done, done, 2]],
  ['a line that a shuffled run has repeated is done', [open('a', 0), ok('a', 5)], ['a'], [done]],
])('Ledger: %s', (_, rows, list, expected) => {
  expect(run(rows, list)).toEqual(expected);
});

test('Ledger: whatever is killed, shuffled and resumed, each line has one record in the end, after no more requests', () => {
  const lists = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 12 });
  const fates = fc.infiniteStream(fc.constantFrom<RecordState | 'killed'>('ok', 'not ok', 'open', 'killed'));
  fc.assert(
    fc.property(lists, fates, fc.infiniteStream(fc.nat()), fc.boolean(), (list, fate, random, retryFailed) => {
      const file: Row[] = [];
      let current: readonly string[] = list;
      for (let round = 0; round < 4; round += 1) {
        const fetched = run(file, current, retryFailed);
        fetched.forEach((index, line) => {
          const state = fate.next().value;
          if (index !== undefined && state !== 'killed') file.push({ text: current[line]!, index, state });
        });
        current = shuffled(current, random);
      }
      const last = run(file, current, retryFailed);
      // Never under an index that is not a line with this text.
      last.forEach((index, line) => expect(index === undefined || current[index] === current[line]).toBe(true));
      expect(new Set(last.filter((index) => index !== undefined)).size).toBe(
        last.filter((index) => index !== undefined).length,
      );
      last.forEach((index, line) => {
        if (index !== undefined) file.push(ok(current[line]!, index));
      });
      expect(run(file, current, retryFailed).every((index) => index === undefined)).toBe(true);
    }),
    { numRuns: 500 },
  );
});

const rowsOf = fc.array(
  fc.record({
    text: fc.constantFrom('a', 'b'),
    index: fc.nat(5),
    state: fc.constantFrom<RecordState>('ok', 'not ok', 'open'),
  }),
  { maxLength: 12 },
);

test('Ledger: the number of lines done agrees with a simple count for any records, those that are ok first', () => {
  fc.assert(
    fc.property(
      rowsOf,
      fc.array(fc.constantFrom('a', 'b'), { maxLength: 8 }),
      fc.boolean(),
      (rows, list, retryFailed) => {
        // The last row of each text and index counts.
        const last = [...new Map(rows.map((row) => [`${row.text} ${row.index}`, row])).values()];
        const expected = { ok: 0, notOk: 0 };
        for (const text of ['a', 'b']) {
          const has = (state: RecordState): number =>
            last.filter((row) => row.text === text && row.state === state).length;
          const linesOfText = list.filter((line) => line === text).length;
          const okLines = Math.min(linesOfText, has('ok'));
          expected.ok += okLines;
          if (!retryFailed) expected.notOk += Math.min(linesOfText - okLines, has('not ok'));
        }
        expect(countDone(verdicts(rows, list, retryFailed))).toEqual(expected);
      },
    ),
    { numRuns: 1000 },
  );
});

test('Ledger: a superseded record no longer counts, even under another index', () => {
  const lists = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 8 });
  const rounds = fc.array(fc.tuple(fc.boolean(), fc.infiniteStream(fc.nat())), { maxLength: 5 });
  const fates = fc.infiniteStream(fc.constantFrom<RecordState | 'killed'>('ok', 'not ok', 'not ok', 'open', 'killed'));
  fc.assert(
    fc.property(lists, rounds, fates, (list, all, fate) => {
      const file: Row[] = [];
      let current: readonly string[] = list;
      let okSoFar = 0;
      for (const [retryFailed, order] of all) {
        run(file, current, retryFailed).forEach((index, line) => {
          const state = index === undefined ? 'killed' : fate.next().value;
          if (state === 'ok') okSoFar += 1;
          if (state !== 'killed') file.push({ text: current[line]!, index: index!, state });
        });
        current = shuffled(current, order);
      }
      // A text that was ok once stays ok; any other is not ok, whatever records it has.
      const { ok: okLines, notOk: notOkLines } = countDone(verdicts(file, current));
      const pending = run(file, current).filter((index) => index !== undefined).length;
      expect([okLines, notOkLines! + pending]).toEqual([okSoFar, list.length - okSoFar]);
      expect(run(file, current, true).filter((index) => index !== undefined)).toHaveLength(list.length - okSoFar);
    }),
    { numRuns: 1000 },
  );
});

function shuffled(list: readonly string[], order: Iterator<number>): string[] {
  return list
    .map((text) => [order.next().value as number, text] as const)
    .sort((a, b) => a[0] - b[0])
    .map(([, text]) => text);
}
