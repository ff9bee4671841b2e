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
    what: 'maximum concurrent requests in each process; auto, or auto:MAX, finds a good number',
    byDefault: 'that of the run',
  },
  rate: {
    value: 'N/s',
    group: 'Work',
    what: 'maximum requests per second (/s), minute (/m) or hour (/h), in each process',
    byDefault: 'none',
  },
  'until-done': { group: 'Work', what: 'exit when the run is done, instead of waiting for the next one' },
  cacert: {
    value: 'FILE',
    group: 'Network',
    what: 'trusted CA certificates, in PEM, instead of those of the run',
  },
  'block-private': { group: 'Network', what: 'refuse private, loopback and other non-public addresses' },
  metrics: {
    value: '[HOST:]PORT',
    group: 'Other',
    what: 'serve Prometheus metrics at http://HOST:PORT/metrics; without HOST, to this machine only',
  },
  quiet: { short: 'q', group: 'Other', what: 'print errors only' },
  help: { short: 'h', group: 'Other', what: 'show this help' },
} as const;
