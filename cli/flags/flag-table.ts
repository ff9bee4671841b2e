import type { FetcherOptions } from '../../src/fetcher/options.ts';

/** The flags of a command, by name without the dashes. */
export interface FlagTable {
  readonly [name: string]: Partial<DescribedFlag>;
}

/** A flag table with descriptions: the single source of the help, the shell completion and docs/cli.md. */
export interface DescribedFlags {
  readonly [name: string]: DescribedFlag;
}

/** A flag and its description. */
export interface DescribedFlag {
  /** Its one-letter form. */
  readonly short?: string;
  /**
   * The placeholder of its value; a flag without it is a switch. Shells complete `FILE` with file names. The defaults
   * of `TIME` and `SIZE` are shown with units.
   */
  readonly value?: string;
  /** Its value may be left out, and otherwise follows `=`. */
  readonly isOptional?: boolean;
  /** The heading it is listed under. */
  readonly group: string;
  /** A short description, without a full stop at the end. */
  readonly what: string;
  /** The accepted values, with their descriptions. */
  readonly words?: Readonly<Record<string, string>>;
  /** The option of `createFetcher()` that it sets, and whose default it has. */
  readonly option?: OptionName;
  /** Its default, unless `option` has one. */
  readonly byDefault?: string;
}

type OptionName = Exclude<keyof FetcherOptions, 'perHost' | 'retry' | 'tls'> | Nested<'perHost' | 'retry' | 'tls'>;
type Nested<Name extends 'perHost' | 'retry' | 'tls'> = Name extends Name
  ? `${Name}.${Extract<keyof NonNullable<FetcherOptions[Name]>, string>}`
  : never;

/** Lists the values that a flag accepts. */
export function wordsOf<Words extends Readonly<Record<string, string>>>(flag: {
  readonly words: Words;
}): Extract<keyof Words, string>[] {
  return Object.keys(flag.words) as Extract<keyof Words, string>[];
}

/** Returns the first part of a description, for places with little room. */
export function briefly({ what }: Pick<DescribedFlag, 'what'>): string {
  return what.split(/[.;] /, 1)[0]!;
}
