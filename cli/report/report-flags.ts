import { outcomeWords, type OutcomeWords } from '../rows/outcome.ts';
import { formatWords, type FormatWords } from '../rows/format-name.ts';

/** The flags of `fetchmany report`, in the order of its help. `report-plan.ts` reads them. */
export const reportFlags = {
  only: {
    value: 'OUTCOME',
    group: 'Filters (each accepts a list: a,b)',
    what: 'records with this outcome',
    // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- isolated declarations need the type spelled out
    words: outcomeWords as OutcomeWords,
  },
  code: {
    value: 'CODE',
    group: 'Filters (each accepts a list: a,b)',
    what: 'records with this error code, such as TIMEOUT',
  },
  status: {
    value: 'LIST',
    group: 'Filters (each accepts a list: a,b)',
    what: 'responses with these status codes, such as 404,500-599',
  },
  host: {
    value: 'HOST',
    group: 'Filters (each accepts a list: a,b)',
    what: 'records of this host: example.com, example.com:8080 or https://example.com',
  },
  format: {
    value: 'FORMAT',
    group: 'Output',
    what: 'print the records in this format; the summary then goes to standard error',
    // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- isolated declarations need the type spelled out
    words: formatWords as FormatWords,
  },
  jsonl: { short: 'j', group: 'Output', what: 'short for --format jsonl' },
  output: { short: 'o', value: 'FILE', group: 'Output', what: 'write the records to a file', byDefault: 'stdout' },
  html: { value: 'FILE', group: 'Output', what: 'write an HTML page with plots, a timeline and tables' },
  overwrite: { group: 'Output', what: 'replace an output file that is not empty' },
  quiet: { short: 'q', group: 'Output', what: 'show no summary' },
  'no-color': { group: 'Output', what: 'disable colours, as NO_COLOR does' },
  help: { short: 'h', group: 'Output', what: 'show this help' },
} as const;
