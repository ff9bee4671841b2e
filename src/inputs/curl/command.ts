import type { FetchError } from '../../http/error.ts';

/** One command of a script. */
export interface Command {
  /** The program and its arguments, without quotes. */
  readonly words: readonly string[];
  /** Line on which it begins, from 1. */
  readonly line: number;
  /** The reason if it cannot be read. */
  readonly error: FetchError | undefined;
}
