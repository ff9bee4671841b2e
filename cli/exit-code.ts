/** The exit codes that every command uses. */
export const exitCodes = {
  ok: 0,
  notOk: 1,
  usage: 2,
  input: 3,
  output: 4,
  internal: 5,
  stopped: 7,
} as const;

/** The meaning of every exit code, those of signals included. */
export const exitMeanings: ReadonlyMap<number, string> = new Map<number, string>([
  [exitCodes.ok, 'every record is ok'],
  [exitCodes.notOk, 'some records are not ok'],
  [exitCodes.usage, 'invalid command line'],
  [exitCodes.input, 'an input cannot be read, or is empty'],
  [exitCodes.output, 'the output cannot be written'],
  [exitCodes.internal, 'internal error'],
  [exitCodes.stopped, 'stopped by --deadline or --max-errors'],
  [129, 'interrupted by SIGHUP (the terminal was closed)'],
  [130, 'interrupted by SIGINT (Ctrl-C)'],
  [143, 'interrupted by SIGTERM'],
]);

/** Returns the lines of a help that explain exit codes: those given, or all. */
export function exitStatusLines(codes: readonly number[] = [...exitMeanings.keys()]): string[] {
  return codes.map((code) => `${String(code).padEnd(3)}  ${exitMeanings.get(code)!}`);
}
