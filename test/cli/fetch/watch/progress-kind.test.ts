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
  ['beside a pipe, whose reader may write to the terminal too', { rows: 'pipe' }, 'one line'],
  ['beside a device that may be this terminal', { rows: 'device' }, 'none'],
  ['without a terminal', { isTerminal: false }, 'none'],
  ['on a dumb terminal', { env: { TERM: 'dumb' } }, 'none'],
  ['with -q', { isQuiet: true }, 'none'],
  ['while the list is typed', { isTyped: true }, 'none'],
  ['with --progress none', { asked: 'none' }, 'none'],
  [
    'with --progress plain, anywhere',
    { asked: 'plain', isTerminal: false, isQuiet: true, env: { TERM: 'dumb' } },
    'plain',
  ],
])('progressKind() %s', (_, context, kind) => {
  expect(progressKind({ ...terminal, ...context })).toBe(kind);
});
