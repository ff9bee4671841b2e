/** The flags of `fetchmany diff`, in the order of its help. `diff-plan.ts` reads them. */
export const diffFlags = {
  format: {
    value: 'FORMAT',
    group: 'Output',
    what: "output format; without it, the output file's extension decides",
    words: {
      text: 'one line per difference',
      json: 'one array of differences',
      html: 'one self-contained page with a sortable table',
    },
    byDefault: 'text',
  },
  output: { short: 'o', value: 'FILE', group: 'Output', what: 'write the differences to a file', byDefault: 'stdout' },
  overwrite: { group: 'Output', what: 'replace an output file that is not empty' },
  quiet: { short: 'q', group: 'Output', what: 'show no summary' },
  help: { short: 'h', group: 'Output', what: 'show this help' },
} as const;
