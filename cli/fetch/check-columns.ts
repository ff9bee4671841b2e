import { shown } from '../flags/quoted.ts';
import { UsageError } from '../flags/usage-error.ts';

type CheckColumns = (carried: readonly string[], all: readonly string[]) => void;

/** The values of flags that are sent as they are. */
export interface LiteralValues {
  readonly data: readonly string[];
  readonly cookies: readonly string[];
  readonly bearer: readonly string[];
}

/**
 * Returns what to check once the columns of a list are known; undefined if there is nothing, because a plain list is read
 * faster without.
 *
 * @param others a further check
 */
export function columnCheck(
  { data, cookies, bearer }: LiteralValues,
  others: CheckColumns | undefined,
): CheckColumns | undefined {
  const literals = [
    { flag: '-d', names: namesIn(data), remedy: '--body-template in place of -d fills it in; -d @FILE sends braces' },
    { flag: '-b', names: namesIn(cookies), remedy: "-H 'Cookie: NAME={COLUMN}' fills it in" },
    { flag: '--bearer', names: namesIn(bearer), remedy: "-H 'Authorization: Bearer {COLUMN}' fills it in" },
  ].filter(({ names }) => names.length > 0);
  if (literals.length === 0) return others;
  return (carried, all) => {
    for (const literal of literals) refuseColumns(literal, all);
    others?.(carried, all);
  };
}

interface Literal {
  readonly flag: string;
  /** The names in braces. */
  readonly names: readonly string[];
  readonly remedy: string;
}

/** Refuses a value that was meant as a template. No message shows more of it than a column: it may be a secret. */
function refuseColumns({ flag, names, remedy }: Literal, columns: readonly string[]): void {
  const column = names.find((name) => columns.includes(name));
  if (column === undefined) return;
  throw new UsageError(`${flag} sends {${shown(column)}} as it is, although the list has such a column: ${remedy}`);
}

/** The content of a file is meant as it is. */
function namesIn(values: readonly string[]): string[] {
  return values
    .filter((value) => !value.startsWith('@'))
    .flatMap((value) => Array.from(value.matchAll(/\{\+?([^{}]+)\}/g), ([, name = '']) => name));
}
