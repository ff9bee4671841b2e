import type { DescribedFlag } from '../flags/flag-table.ts';
import { nameFlag, queueFlag } from '../queue/queue-flags.ts';

/** The flags of `fetchmany worker`. */
export const workerFlags = {
  queue: queueFlag as DescribedFlag,
  name: nameFlag as DescribedFlag,
  workers: { value: 'N', group: 'Work', what: 'number of processes', byDefault: '1' },
  concurrency: {
    short: 'c',
    value: 'N',
    group: 'Work',
    what: 'requests in flight at once in each process; auto, or auto:MAX, learns how many',
    byDefault: 'as the run says',
  },
  rate: { value: 'N/s', group: 'Work', what: 'limit requests started per second, in each process', byDefault: 'none' },
  'until-done': { group: 'Work', what: 'end with the run instead of waiting for the next one' },
  cacert: {
    value: 'FILE',
    group: 'Network',
    what: 'trust the certificates in a PEM file, in place of those of the run',
  },
  'block-private': { group: 'Network', what: 'refuse private, loopback and other non-public addresses' },
  metrics: {
    value: '[HOST:]PORT',
    group: 'Other',
    what: 'serve figures for Prometheus at http://HOST:PORT/metrics; without a host on this machine only',
  },
  quiet: { short: 'q', group: 'Other', what: 'print errors only' },
  help: { short: 'h', group: 'Other', what: 'show this help' },
} as const;
