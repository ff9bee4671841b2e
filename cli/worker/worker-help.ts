import type { Help } from '../flags/render-help.ts';
import { exitStatusLines } from '../exit-code.ts';
import { workerFlags } from './worker-flags.ts';

/** The help of `fetchmany worker`. */
export const workerHelp: Help = {
  usage: ['fetchmany worker --queue URL [options]'],
  intro:
    'Make the requests of runs that were started with --queue. Start as many workers as you like, on any machines, at any time. SIGTERM or Ctrl-C starts no new request, gives running ones 5 s, and hands the rest back; a second one cancels them. It needs ioredis: npm install ioredis beside fetchmany.',
  flags: workerFlags,
  notes: [
    [
      'Examples',
      'fetchmany worker --queue redis://queue:6379/0',
      'fetchmany worker --queue redis://queue:6379/0 --workers 4 -c 200',
      'FETCHMANY_QUEUE=rediss://queue:6380/0 fetchmany worker --until-done',
    ],
    [
      'Exit status',
      '0    ended by a signal, or by --until-done',
      '1    a worker of --workers was killed, or a third signal ended the process',
      '2    invalid command line, or the queue cannot be used',
      ...exitStatusLines([3, 5]),
    ],
  ],
};
