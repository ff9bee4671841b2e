import { expect, test, vi } from 'vitest';
import { columnCheck, type LiteralValues } from '../../../cli/fetch/check-columns.ts';
import { UsageError } from '../../../cli/flags/usage-error.ts';

const none: LiteralValues = { data: [], cookies: [], bearer: [] };

test.each<[Partial<LiteralValues>, string, string]>([
  [{ data: ['{"id":{id}}'] }, 'id', '-d sends {id} as it is'],
  [{ data: ['a=1', 'name={+first name}'] }, 'first name', '-d sends {first name} as it is'],
  [{ data: ['{value}'] }, 'value', '--body-template in place of -d fills it in; -d @FILE sends braces'],
  [{ cookies: ['a=secret; id={id}'] }, 'id', '-b sends {id} as it is'],
  [{ bearer: ['{token}'] }, 'token', "-H 'Authorization: Bearer {COLUMN}' fills it in"],
])('columnCheck(%j) refuses the column %s of a list: %s', (given, column, message) => {
  const check = columnCheck({ ...none, ...given }, undefined)!;
  expect(() => check([], ['url', column])).toThrow(UsageError);
  expect(() => check([], ['url', column])).toThrow(message);
  expect(() => check([], ['url', column])).toThrow(/^(?!.*secret)/);
  expect(() => check([], ['url', 'other'])).not.toThrow();
});

test('columnCheck() has nothing to check in a text without braces, and in a file', () => {
  expect(columnCheck(none, undefined)).toBeUndefined();
  expect(columnCheck({ data: ['a=1', '{}', '@{id}'], cookies: ['a=b'], bearer: ['@{id}'] }, undefined)).toBeUndefined();
});

test('columnCheck() makes the other check too', () => {
  const other = vi.fn<(carried: readonly string[], all: readonly string[]) => void>();
  expect(columnCheck(none, other)).toBe(other);
  columnCheck({ ...none, data: ['{id}'] }, other)!(['a'], ['a', 'b']);
  expect(other).toHaveBeenCalledExactlyOnceWith(['a'], ['a', 'b']);
});
