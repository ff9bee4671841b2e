/** What decides whether there are colours. */
export interface ColorContext {
  /** Whether it goes to a terminal. */
  readonly isTerminal: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Whether to use colours: on a terminal that has some, unless the person said no (https://no-color.org). */
export function usesColor({ isTerminal, env }: ColorContext): boolean {
  const isRefused = (env['NO_COLOR'] ?? '') !== '';
  return isTerminal && !isRefused && env['TERM'] !== 'dumb';
}
