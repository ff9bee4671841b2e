import { expect, test } from 'vitest';
import { exitCode, type Ending } from '../../../../cli/fetch/stop/exit-code.ts';

const fine: Ending = { halted: undefined, inputFailed: false, isEmpty: false, output: 'written', allOk: true };

test.each<[Partial<Ending>, number]>([
  [{}, 0],
  [{ allOk: false }, 1],
  [{ inputFailed: true }, 3],
  [{ inputFailed: true, allOk: false }, 3],
  [{ output: 'failed' }, 4],
  [{ output: 'failed', halted: 'SIGINT', inputFailed: true, allOk: false }, 4],
  [{ output: 'closed' }, 0],
  [{ output: 'closed', allOk: false, inputFailed: true }, 0],
  [{ output: 'closed', halted: 'deadline' }, 0],
  [{ output: 'closed', halted: 'SIGINT' }, 130],
  [{ halted: 'SIGINT' }, 130],
  [{ halted: 'SIGTERM', allOk: false }, 143],
  [{ halted: 'SIGTERM', inputFailed: true }, 143],
  [{ halted: 'SIGHUP' }, 129],
  [{ halted: 'max-errors', allOk: false }, 7],
  [{ halted: 'deadline' }, 7],
  [{ halted: 'deadline', allOk: false }, 7],
  [{ halted: 'deadline', inputFailed: true }, 3],
])('exitCode(%j) is %i', (ending, code) => {
  expect(exitCode({ ...fine, ...ending })).toBe(code);
});
