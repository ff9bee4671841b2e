import type { FetcherOptions } from '../../src/fetcher/options.ts';

/** The flags a command understands: names without their dashes. */
export interface FlagTable {
  readonly [name: string]: Partial<DescribedFlag>;
}

/**
 * The same, with all that is told of them: what the help, the completion of shells and the README say of a flag is made of
 * this, and of nothing else.
 */
export interface DescribedFlags {
  readonly [name: string]: DescribedFlag;
}

/** A flag, and what is told of it. */
export interface DescribedFlag {
  /** One letter. */
  readonly short?: string;
  /** What its value is called; a flag without it takes none. `FILE` for what a shell completes as a file; `TIME` and `SIZE` for what has units. */
  readonly value?: string;
  /** The head it stands under. */
  readonly group: string;
  /** What it does, in a few words, without a full stop. */
  readonly what: string;
  /** What its value may be, and what each of them means. */
  readonly words?: Readonly<Record<string, string>>;
  /** The option of `createFetcher()` that it sets, and that has its default. */
  readonly option?: OptionName;
  /** What is taken without it, where that is no option's default. */
  readonly byDefault?: string;
}

type OptionName = Exclude<keyof FetcherOptions, 'perHost' | 'retry' | 'tls'> | Nested<'perHost' | 'retry' | 'tls'>;
type Nested<Name extends 'perHost' | 'retry' | 'tls'> = Name extends Name
  ? `${Name}.${Extract<keyof NonNullable<FetcherOptions[Name]>, string>}`
  : never;

/** The words that a flag takes. */
export function wordsOf<Words extends Readonly<Record<string, string>>>(flag: {
  readonly words: Words;
}): Extract<keyof Words, string>[] {
  return Object.keys(flag.words) as Extract<keyof Words, string>[];
}

/** The front of what a flag does, for where there is little room. */
export function briefly({ what }: Pick<DescribedFlag, 'what'>): string {
  return what.split(/[.;] /, 1)[0]!;
}
