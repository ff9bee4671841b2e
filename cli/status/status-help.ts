import type { Help } from '../flags/render-help.ts';
import { exitStatusLines } from '../exit-code.ts';
import { statusFlags } from './status-flags.ts';

/** The help of `fetchmany status`. */
export const statusHelp: Help = {
  usage: ['fetchmany status --queue URL [options]'],
  intro:
    'Show the state of a run that was started with --queue: progress, workers, chunks, paused hosts and memory. It needs ioredis: npm install ioredis beside fetchmany.',
  flags: statusFlags,
  notes: [
    [
      'Exit status',
      '0    the state was shown',
      '2    invalid command line, or the queue cannot be used',
      ...exitStatusLines([5]),
    ],
  ],
};
