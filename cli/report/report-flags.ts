import { formatWords, type FormatWords } from '../rows/format-name.ts';

/** The flags of `fetchmany report`, in the order of its help. What becomes of them stands in `report-plan.ts`. */
export const reportFlags = {
  only: {
    value: 'OUTCOME',
    group: 'Which records (each may be a list: a,b)',
    what: 'records of this outcome',
    words: {
      ok: 'responses whose status was expected',
      unexpected: 'responses whose status was not',
      failed: 'failures',
      cancelled: 'what was cut off',
      'not-ok': 'the last three',
    },
  },
  code: {
    value: 'CODE',
    group: 'Which records (each may be a list: a,b)',
    what: 'failures with this code, such as TIMEOUT',
  },
  status: {
    value: 'LIST',
    group: 'Which records (each may be a list: a,b)',
    what: 'responses with these statuses, such as 404,500-599',
  },
  host: {
    value: 'HOST',
    group: 'Which records (each may be a list: a,b)',
    what: 'of this host: example.com, example.com:8080 or https://example.com',
  },
  format: {
    value: 'FORMAT',
    group: 'Output',
    what: 'prints rows; the summary then goes to standard error',
    // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- isolated declarations need the type spelled out
    words: formatWords as FormatWords,
  },
  jsonl: { short: 'j', group: 'Output', what: '--format jsonl' },
  output: { short: 'o', value: 'FILE', group: 'Output', what: 'where rows go', byDefault: 'stdout' },
  html: { value: 'FILE', group: 'Output', what: 'a page with plots, a timeline and tables' },
  overwrite: { group: 'Output', what: 'replace a file that is not empty' },
  quiet: { short: 'q', group: 'Output', what: 'no summary' },
  'no-color': { group: 'Output', what: 'no colours, nor where NO_COLOR is set' },
  help: { short: 'h', group: 'Output', what: 'this text' },
} as const;
