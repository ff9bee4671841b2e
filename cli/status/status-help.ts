import type { Help } from '../flags/render-help.ts';
import { statusFlags } from './status-flags.ts';

/** The help of `fetchmany status`. */
export const statusHelp: Help = {
  usage: ['fetchmany status --queue URL [options]'],
  intro: 'Show the state of a run that was started with --queue: progress, workers, chunks, paused hosts and memory.',
  flags: statusFlags,
};
