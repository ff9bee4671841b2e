import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Ledger, type Standing } from '../../src/journal/ledger.ts';

interface Row {
  readonly text: string;
  readonly index: number;
  readonly standing: Standing;
}

/** What a run with this list and these records would fetch: for each line its index, or undefined if it is done. */
function run(rows: readonly Row[], list: readonly string[], retryFailed = false): (number | undefined)[] {
  const ledger = new Ledger();
  for (const { text, index, standing } of rows) {
    ledger.add([text], index, retryFailed && standing === 'not ok' ? 'open' : standing);
  }
  return list.map((text, index) => {
    const verdict = ledger.take([text], index);
    return 'index' in verdict ? verdict.index : undefined;
  });
}

const ok = (text: string, index: number): Row => ({ text, index, standing: 'ok' });
const open = (text: string, index: number): Row => ({ text, index, standing: 'open' });
const notOk = (text: string, index: number): Row => ({ text, index, standing: 'not ok' });
const done = undefined;

test.each<[string, Row[], string[], (number | undefined)[]]>([
  ['nothing is done', [], ['a', 'b'], [0, 1]],
  ['what has a record is done', [ok('a', 0), notOk('b', 1)], ['a', 'b', 'c'], [done, done, 2]],
  ['also in another order', [ok('a', 0), ok('b', 1)], ['b', 'c', 'a'], [done, 1, done]],
  ['what was cancelled is not', [open('a', 0)], ['a'], [0]],
  ['a record serves one line only', [ok('a', 0)], ['a', 'a'], [done, 1]],
  ['the later line of the file counts', [ok('a', 0), open('a', 0)], ['a'], [0]],
  ['the same the other way round', [open('a', 0), ok('a', 0)], ['a'], [done]],
  ['two lines for one input are one record', [notOk('a', 0), ok('a', 0)], ['a', 'a'], [done, 1]],
  ['its own record first: the gap is filled under its own index', [ok('a', 1)], ['a', 'a'], [done, 0]],
  ['the same with two gaps', [ok('a', 2), ok('a', 3)], ['a', 'a', 'a', 'a'], [done, done, 1, 0]],
  ['one that was taken up by a shuffled run', [open('a', 0), ok('a', 5)], ['a'], [done]],
])('Ledger: %s', (_, rows, list, expected) => {
  expect(run(rows, list)).toEqual(expected);
});

test('Ledger: whatever is killed, shuffled and resumed, in the end each line has one record, and it takes no more', () => {
  const lists = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 12 });
  const fates = fc.infiniteStream(fc.constantFrom<Standing | 'killed'>('ok', 'not ok', 'open', 'killed'));
  fc.assert(
    fc.property(lists, fates, fc.infiniteStream(fc.nat()), fc.boolean(), (list, fate, random, retryFailed) => {
      const file: Row[] = [];
      let current = [...list];
      for (let round = 0; round < 4; round += 1) {
        const fetched = run(file, current, retryFailed);
        fetched.forEach((index, line) => {
          const standing = fate.next().value;
          if (index !== undefined && standing !== 'killed') file.push({ text: current[line]!, index, standing });
        });
        current = current
          .map((text) => [random.next().value, text] as const)
          .sort((a, b) => a[0] - b[0])
          .map(([, text]) => text);
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
