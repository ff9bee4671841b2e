import type { FlagTable } from './flag-table.ts';
import { shown } from './quoted.ts';
import { UsageError } from './usage-error.ts';

/** A command line with every flag in its long form. */
export interface ExpandedFlags {
  /** Every flag with its value: `--concurrency=10`. Unknown flags stay as typed. */
  readonly flags: string[];
  /** The words that are neither flags nor their values. */
  readonly words: string[];
}

/**
 * Expands flags to their long form, as getopt reads them: `-qc10` is `--quiet --concurrency=10`; `-XPOST`, `-X POST`
 * and `--method POST` are the same. Values stay as typed. Everything after `--` is a word.
 *
 * @param command whose help messages refer to
 * @throws UsageError if a flag lacks its value, or has one that it does not take
 */
export function expandFlags(argv: readonly string[], table: FlagTable, command = 'fetchmany'): ExpandedFlags {
  const rest = [...argv];

  function valueAfter(flag: string, placeholder: string): string {
    const value = rest.shift();
    if (value === undefined) throw new UsageError(`${flag} needs a value; see ${command} --help`);
    if ((placeholder !== 'FILE' && placeholder !== 'DIR') || !isFlag(value, table)) return value;
    const wanted = placeholder === 'DIR' ? 'a directory' : 'a file';
    throw new UsageError(
      `${flag} needs ${wanted}: got the option ${shown(value)}; ${flag}=${shown(value)} takes it as a name`,
    );
  }

  const flags: string[] = [];
  const words: string[] = [];
  for (let word = rest.shift(); word !== undefined && word !== '--'; word = rest.shift()) {
    if (word.startsWith('--')) flags.push(long(word, valueAfter, table));
    else if (/^-[A-Za-z]/.test(word)) flags.push(...short(word, valueAfter, table));
    else words.push(word);
  }
  return { flags, words: [...words, ...rest] };
}

/** Takes the next word as the value of a flag, which help describes with the placeholder. */
type ValueAfter = (flag: string, placeholder: string) => string;

/** Tells whether a word is a flag of the table. A name that was left out would be that of a file called `--quiet`. */
function isFlag(word: string, table: FlagTable): boolean {
  if (word.startsWith('--')) return Object.hasOwn(table, word.slice(2).split('=', 1)[0]!);
  return word.length === 2 && Object.values(table).some(({ short: letter }) => word === `-${letter}`);
}

function long(word: string, valueAfter: ValueAfter, table: FlagTable): string {
  const [, name = '', value] = /^--([^=]*)(?:=([\s\S]*))?$/.exec(word) ?? [];
  if (!Object.hasOwn(table, name)) return word;
  if (table[name]!.isOptional) return `--${name}=${value ?? ''}`;
  const placeholder = table[name]!.value;
  if (placeholder !== undefined) return `--${name}=${value ?? valueAfter(word, placeholder)}`;
  if (value === undefined) return word;
  throw new UsageError(`--${name} takes no value`);
}

function short(word: string, valueAfter: ValueAfter, table: FlagTable): string[] {
  const flags: string[] = [];
  for (let at = 1; at < word.length; at += 1) {
    const found = Object.entries(table).find(([, flag]) => flag.short === word[at]);
    if (!found) return [...flags, `-${word[at]}`];
    const [name, { value }] = found;
    const attached = word.slice(at + 1);
    if (value !== undefined)
      return [...flags, `--${name}=${attached === '' ? valueAfter(word, value) : attached.replace(/^=/, '')}`];
    flags.push(`--${name}`);
  }
  return flags;
}
