/** The part of a standard stream that tells its width. */
export interface TerminalStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Columns of the terminal a stream writes to; undefined if it does not write to one. */
export function columnsOf({ isTTY, columns }: TerminalStream): number | undefined {
  // Some terminals (script, CI runners) report 0 columns, which means that they do not know.
  return isTTY ? columns || defaultColumns : undefined;
}

const defaultColumns = 80;
