import { expect, test } from 'vitest';
import { progressKind, type ProgressContext, type ProgressKind } from '../../../../cli/fetch/watch/progress-kind.ts';

const terminal: ProgressContext = {
  asked: 'auto',
  isQuiet: false,
  isTerminal: true,
  env: { TERM: 'xterm' },
  isTyped: false,
  rows: 'file',
};

test.each<[name: string, context: Partial<ProgressContext>, kind: ProgressKind]>([
  ['on a terminal', {}, 'block'],
  ['on a terminal with the rows', { rows: 'terminal' }, 'block'],
  ['beside a pipe, whose reader may write there too', { rows: 'pipe' }, 'one line'],
  ['beside a device that may be this terminal', { rows: 'device' }, 'none'],
  ['without a terminal', { isTerminal: false }, 'none'],
  ['on a terminal that can do nothing', { env: { TERM: 'dumb' } }, 'none'],
  ['quietly', { isQuiet: true }, 'none'],
  ['while somebody types the list', { isTyped: true }, 'none'],
  ['when it is refused', { asked: 'none' }, 'none'],
  ['plainly, wherever', { asked: 'plain', isTerminal: false, isQuiet: true, env: { TERM: 'dumb' } }, 'plain'],
])('progressKind() %s', (_, context, kind) => {
  expect(progressKind({ ...terminal, ...context })).toBe(kind);
});
