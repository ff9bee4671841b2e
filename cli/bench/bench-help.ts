import { exitStatusLines } from '../exit-code.ts';
import type { Help } from '../flags/render-help.ts';
import { benchFlags } from './bench-flags.ts';

/** The help of `fetchmany bench`. */
export const benchHelp: Help = {
  usage: ['fetchmany bench [URL...] [options]'],
  intro:
    'Measure throughput and latency at several concurrency levels, and recommend one. With no URL and no -i, measure the built-in test server. Each URL is requested many times: the total is printed before the first request.',
  flags: benchFlags,
  notes: [
    [
      'Exit status',
      '0    every request is ok',
      '1    some requests are not ok',
      ...exitStatusLines([2, 3, 4, 5, 130, 143]),
    ],
    [
      'Examples',
      'fetchmany bench',
      'fetchmany bench --once -i urls.txt',
      'fetchmany bench -i urls.txt --levels 1,16,64',
      'fetchmany bench https://example.com/ --requests 20 --levels 4 -j | jq .choice',
    ],
  ],
};
