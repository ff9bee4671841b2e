import type { DescribedFlag } from '../flags/flag-table.ts';
import { nameFlag, queueFlag } from '../queue/queue-flags.ts';

/** The flags of `fetchmany status`. */
export const statusFlags = {
  queue: queueFlag as DescribedFlag,
  name: nameFlag as DescribedFlag,
  json: { group: 'Output', what: 'print one JSON object on one line' },
  watch: { group: 'Output', what: 'print it again every 2 s, until Ctrl-C' },
  help: { short: 'h', group: 'Output', what: 'show this help' },
} as const;
