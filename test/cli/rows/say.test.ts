import { afterEach, expect, test } from 'vitest';
import { messageLines } from '../../../cli/rows/say.ts';

const message = 'Cannot read urls.txt: it ends on line 12, before the array is closed';
const before = { isTTY: process.stderr.isTTY, columns: process.stderr.columns };

afterEach(() => void Object.assign(process.stderr, before));

test('messageLines() breaks a long message between words on a terminal', () => {
  Object.assign(process.stderr, { isTTY: true, columns: 40 });
  expect(messageLines(message)).toEqual([
    'fetchmany: Cannot read urls.txt: it ends',
    '  on line 12, before the array is closed',
  ]);
});

test('messageLines() leaves a message whole where there is no terminal', () => {
  Object.assign(process.stderr, { isTTY: false, columns: 40 });
  expect(messageLines(message)).toEqual([`fetchmany: ${message}`]);
});
