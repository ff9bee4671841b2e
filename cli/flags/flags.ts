// The parser alone: yargs itself would take as long to load as all the rest.
import { Parser } from 'yargs/helpers';
import type { FlagTable } from './flag-table.ts';
import { nearest } from './nearest.ts';
import { quoted, shown } from './quoted.ts';
import { expandFlags } from './spell-out.ts';
import type { Unit } from './units.ts';
import { UsageError } from './usage-error.ts';

/** A command line, taken apart. */
export interface Flags<Name extends string> {
  /** What is no flag, and no value of one, in its order. */
  readonly words: readonly string[];
  /** Whether a flag was given. */
  has(name: Name): boolean;
  /** Every value of a flag, in their order. */
  all(name: Name): readonly string[];
  /** The value of a flag, read; of several the last one counts. Throws a {@link UsageError} if it cannot be read. */
  read<T>(name: Name, unit: Unit<T>): T | undefined;
}

/** Takes a command line apart. Throws a {@link UsageError} that names what is unknown, and the nearest that is known. */
export function readFlags<const Table extends FlagTable>(
  argv: readonly string[],
  table: Table,
): Flags<Extract<keyof Table, string>> {
  const { flags, words } = expandFlags(argv, table);
  requireKnown(flags, Object.keys(table));
  const given = parse(flags.map(guarded), table);
  const all = (name: string): string[] => (given[name] === undefined ? [] : [given[name]].flat().map(unguarded));
  return {
    words,
    has: (name) => given[name] !== undefined,
    all,
    read(name, unit) {
      const text = all(name).at(-1);
      return text === undefined ? undefined : readValue(`--${name}`, text, unit);
    },
  };
}

/** Reads the value of a flag. Throws a {@link UsageError} that says what is wrong with it, what was given, and an example. */
export function readValue<T>(flag: string, text: string, { parse: read, wanted, example }: Unit<T>): T {
  const value = read(text);
  if (value !== undefined) return value;
  throw new UsageError(`${flag} must be ${wanted}, such as ${flag} ${example}: got ${quoted(text)}`);
}

function requireKnown(flags: readonly string[], names: readonly string[]): void {
  for (const flag of flags) {
    const typed = flag.split('=', 1)[0]!;
    const name = typed.replace(/^--?/, '');
    if (typed.startsWith('--') && names.includes(name)) continue;
    const meant = nearest(name, names);
    const advice = meant === undefined ? 'see fetchmany --help' : `did you mean --${meant}?`;
    throw new UsageError(`Unknown option ${shown(typed)}; ${advice}`);
  }
}

function parse(argv: string[], table: FlagTable): Readonly<Record<string, unknown>> {
  const namesOf = (takesValue: boolean): string[] =>
    Object.keys(table).filter((name) => (table[name]!.value !== undefined) === takesValue);
  return Parser(argv, {
    string: namesOf(true),
    boolean: namesOf(false),
    // What is typed is text; what it means is for the units to say.
    configuration: {
      'boolean-negation': false,
      'camel-case-expansion': false,
      'dot-notation': false,
      'parse-numbers': false,
    },
  });
}

// yargs takes quotes off the ends of a value, as if the shell had left them there: JSON text would not survive it.
const guard = ':';

function guarded(flag: string): string {
  return flag.replace('=', `=${guard}`);
}

function unguarded(value: unknown): string {
  return String(value).slice(guard.length);
}
