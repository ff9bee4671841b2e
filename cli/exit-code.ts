/** What a script can tell from how we ended. */
export const exitCodes = {
  ok: 0,
  notOk: 1,
  usage: 2,
  input: 3,
  output: 4,
  internal: 5,
  stopped: 7,
} as const;
