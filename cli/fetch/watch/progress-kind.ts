import type { RowsTarget } from '../../rows/rows-target.ts';

/** How progress is shown: lines that are written anew, one such line, a plain line every ten seconds, or not at all. */
export type ProgressKind = 'block' | 'one line' | 'plain' | 'none';

/** What decides that. */
export interface ProgressContext {
  /** What was asked for. */
  readonly asked: 'auto' | 'plain' | 'none';
  readonly isQuiet: boolean;
  /** What standard error is. */
  readonly isTerminal: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether somebody types the list at the terminal. */
  readonly isTyped: boolean;
  /** Where the rows go. */
  readonly rows: RowsTarget;
}

/** How progress is shown. */
export function progressKind({ asked, isQuiet, isTerminal, env, isTyped, rows }: ProgressContext): ProgressKind {
  if (asked !== 'auto') return asked;
  if (isQuiet || !isTerminal || env['TERM'] === 'dumb' || isTyped) return 'none';
  // A device may be this very terminal, written to behind our back.
  if (rows === 'device') return 'none';
  // Whoever reads the pipe may well write to this terminal too, over what we write.
  return rows === 'pipe' ? 'one line' : 'block';
}
