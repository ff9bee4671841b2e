import { UsageError } from '../flags/usage-error.ts';

type CheckColumns = (carried: readonly string[], all: readonly string[]) => void;

/**
 * Returns what to check once the columns of a list are known; undefined if there is nothing, because a plain list is read
 * faster without.
 *
 * @param data the values of `-d`
 * @param others a further check
 */
export function columnCheck(data: readonly string[], others: CheckColumns | undefined): CheckColumns | undefined {
  const names = data.flatMap(namesInBraces);
  if (names.length === 0) return others;
  return (carried, all) => {
    refuseColumns(names, all);
    others?.(carried, all);
  };
}

/** Refuses a body that was meant as a template: `-d` sends braces as they are, as curl does. */
function refuseColumns(names: readonly string[], columns: readonly string[]): void {
  const column = names.find((name) => columns.includes(name));
  if (column === undefined) return;
  throw new UsageError(
    `-d sends {${column}} as it is, although the list has such a column: --body-template in place of -d fills it in; -d @FILE sends braces`,
  );
}

/** The body of a file is meant as it is. */
function namesInBraces(data: string): string[] {
  if (data.startsWith('@')) return [];
  return Array.from(data.matchAll(/\{\+?([^{}]+)\}/g), ([, name = '']) => name);
}
