import type { Help } from '../flags/render-help.ts';
import { serveFlags } from './serve-flags.ts';

/** The help of `fetchmany serve`. */
export const serveHelp: Help = {
  usage: ['fetchmany serve [options]'],
  intro:
    'Run a test server with httpbin-compatible endpoints until Ctrl-C: /delay/N /status/N /bytes/N /redirect/N /drip /gzip /headers ... The full list is at /.',
  flags: serveFlags,
};
