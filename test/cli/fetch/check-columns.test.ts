import { expect, test, vi } from 'vitest';
import { columnCheck } from '../../../cli/fetch/check-columns.ts';
import { UsageError } from '../../../cli/flags/usage-error.ts';

test.each([
  [['{"id":{id}}'], 'id'],
  [['a=1', 'name={+first name}'], 'first name'],
  [['{value}'], 'value'],
])('columnCheck(%j) refuses the column %s of a list', (data, column) => {
  const check = columnCheck(data, undefined)!;
  expect(() => check([], ['url', column])).toThrow(UsageError);
  expect(() => check([], ['url', column])).toThrow(`-d sends {${column}} as it is`);
  expect(() => check([], ['url', 'other'])).not.toThrow();
});

test('columnCheck() has nothing to check in a text without braces, and in a file', () => {
  expect(columnCheck([], undefined)).toBeUndefined();
  expect(columnCheck(['a=1', '{}', '@{id}'], undefined)).toBeUndefined();
});

test('columnCheck() makes the other check too', () => {
  const other = vi.fn<(carried: readonly string[], all: readonly string[]) => void>();
  expect(columnCheck(['x'], other)).toBe(other);
  columnCheck(['{id}'], other)!(['a'], ['a', 'b']);
  expect(other).toHaveBeenCalledExactlyOnceWith(['a'], ['a', 'b']);
});
