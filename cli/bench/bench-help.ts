import { exitStatusLines } from '../exit-code.ts';
import { renderHelp } from '../flags/render-help.ts';
import { benchFlags } from './bench-flags.ts';

/** Returns the text of `fetchmany bench --help`. */
export function benchHelp(): string {
  return renderHelp({
    usage: ['fetchmany bench [URL...] [options]'],
    intro:
      'Measure throughput and latency at several concurrency levels, and recommend one. With no URL and no -i, measure the built-in test server. Each URL is requested many times: the total is printed before the first request.',
    flags: benchFlags,
    notes: [
      ['Exit status', ...exitStatusLines([0, 1, 2, 3, 4, 5, 130, 143])],
      [
        'Examples',
        'fetchmany bench',
        'fetchmany bench -i urls.txt --levels 1,16,64',
        'fetchmany bench https://example.com/ --requests 20 --levels 4 -j | jq .choice',
      ],
    ],
  });
}
