/** The flags of `fetchmany report`. */
export const reportFlags = {
  only: { takesValue: true },
  code: { takesValue: true },
  status: { takesValue: true },
  host: { takesValue: true },
  format: { takesValue: true },
  jsonl: { short: 'j' },
  output: { short: 'o', takesValue: true },
  overwrite: {},
  quiet: { short: 'q' },
  'no-color': {},
  help: { short: 'h' },
} as const;
