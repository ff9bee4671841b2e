/** The input of {@link usesColor}. */
export interface ColorContext {
  /** True if the text goes to a terminal. */
  readonly isTerminal: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Tells whether to use colours: on a terminal that has them, unless NO_COLOR is set (https://no-color.org). */
export function usesColor({ isTerminal, env }: ColorContext): boolean {
  const isRefused = (env['NO_COLOR'] ?? '') !== '';
  return isTerminal && !isRefused && env['TERM'] !== 'dumb';
}
