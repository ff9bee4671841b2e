// Only the parser: the whole of yargs would take as long to load as all our own code.
import { Parser } from 'yargs/helpers';
import type { FlagTable } from './flag-table.ts';
import { nearest } from './nearest.ts';
import { quoted, shown } from './quoted.ts';
import { expandFlags } from './expand-flags.ts';
import type { Unit } from './units.ts';
import { UsageError } from './usage-error.ts';

/** A parsed command line. */
export interface Flags<Name extends string> {
  /** The words that are neither flags nor their values, in order. */
  readonly words: readonly string[];
  /** Tells whether a flag was given. */
  has(name: Name): boolean;
  /** Returns every value of a flag, in order. */
  all(name: Name): readonly string[];
  /**
   * Returns the parsed value of a flag; the last one if it was repeated. Throws a {@link UsageError} if it is invalid.
   */
  read<T>(name: Name, unit: Unit<T>): T | undefined;
}

/**
 * Parses a command line. Throws a {@link UsageError} that names an unknown flag and the most similar known one.
 *
 * @param command whose help messages refer to
 * @param foreign what to use in place of flags of other programs
 */
export function readFlags<const Table extends FlagTable>(
  argv: readonly string[],
  table: Table,
  command = 'fetchmany',
  foreign?: ReadonlyMap<string, string>,
): Flags<Extract<keyof Table, string>> {
  const { flags, words } = expandFlags(argv, table, command);
  requireKnown(flags, Object.keys(table), { command, foreign });
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

/** Parses the value of a flag. Throws a {@link UsageError} with the rule, an example and the value that was given. */
export function readValue<T>(flag: string, text: string, { parse: read, wanted, example, hint }: Unit<T>): T {
  const value = read(text);
  if (value !== undefined) return value;
  const more = hint?.(text);
  const end = more === undefined ? '' : `; ${more}`;
  throw new UsageError(`${flag} must be ${wanted}, such as ${flag} ${example}: got ${quoted(text)}${end}`);
}

/** Refuses words on the command line of a command that takes none. Throws a {@link UsageError}. */
export function requireNoWords(words: readonly string[], command: string): void {
  const [word] = words;
  if (word === undefined) return;
  throw new UsageError(`${command} takes no arguments: got ${quoted(word)}; see fetchmany ${command} --help`);
}

interface Advisers {
  readonly command: string;
  readonly foreign: ReadonlyMap<string, string> | undefined;
}

function requireKnown(flags: readonly string[], names: readonly string[], { command, foreign }: Advisers): void {
  for (const flag of flags) {
    const typed = flag.split('=', 1)[0]!;
    const name = typed.replace(/^--?/, '');
    if (typed.startsWith('--') && names.includes(name)) continue;
    const meant = nearest(name, names);
    const likely = meant === undefined ? `see ${command} --help` : `did you mean --${meant}?`;
    const advice = foreign?.get(typed) ?? likely;
    throw new UsageError(`unknown option ${shown(typed)}; ${advice}`);
  }
}

function parse(argv: string[], table: FlagTable): Readonly<Record<string, unknown>> {
  const namesOf = (takesValue: boolean): string[] =>
    Object.keys(table).filter((name) => (table[name]!.value !== undefined) === takesValue);
  return Parser(argv, {
    string: namesOf(true),
    boolean: namesOf(false),
    // Keep every value as text: the units parse it.
    configuration: {
      'boolean-negation': false,
      'camel-case-expansion': false,
      'dot-notation': false,
      'parse-numbers': false,
    },
  });
}

// yargs strips quotes from the ends of a value, which would damage JSON text. A guard in front prevents it.
const guard = ':';

function guarded(flag: string): string {
  return flag.replace('=', `=${guard}`);
}

function unguarded(value: unknown): string {
  return String(value).slice(guard.length);
}
