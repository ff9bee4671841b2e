import type { RowsTarget } from '../../rows/rows-target.ts';

/** A progress display: a block of lines that is redrawn, one such line, a plain line every 10 s, or none. */
export type ProgressKind = 'block' | 'one line' | 'plain' | 'none';

/** The input of {@link progressKind}. */
export interface ProgressContext {
  /** The value of `--progress`. */
  readonly asked: 'auto' | 'plain' | 'none';
  readonly isQuiet: boolean;
  /** True if standard error is a terminal. */
  readonly isTerminal: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** True if the list is typed at the terminal. */
  readonly isTyped: boolean;
  /** The kind of file that rows are written to. */
  readonly rows: RowsTarget;
}

/** Decides how progress is shown. */
export function progressKind({ asked, isQuiet, isTerminal, env, isTyped, rows }: ProgressContext): ProgressKind {
  if (asked !== 'auto') return asked;
  if (isQuiet || !isTerminal || env['TERM'] === 'dumb' || isTyped) return 'none';
  // The device may be this very terminal, and rows would overwrite the display.
  if (rows === 'device') return 'none';
  // The reader of the pipe may write to this terminal too, so keep the display to one line.
  return rows === 'pipe' ? 'one line' : 'block';
}
