import { expect, test } from 'vitest';
import { usesColor } from '../../../cli/rows/uses-color.ts';

test.each([
  [true, {}, true],
  [true, { TERM: 'xterm-256color' }, true],
  [true, { NO_COLOR: '' }, true],
  [true, { NO_COLOR: '1' }, false],
  [true, { NO_COLOR: '0' }, false],
  [true, { TERM: 'dumb' }, false],
  [false, {}, false],
])('usesColor() with isTerminal %s and %j is %s', (isTerminal, env, uses) => {
  expect(usesColor({ isTerminal, env })).toBe(uses);
});
