import { exitStatusLines } from '../exit-code.ts';
import type { Help } from '../flags/render-help.ts';
import { diffFlags } from './diff-flags.ts';

/** The help of `fetchmany diff`. */
export const diffHelp: Help = {
  usage: ['fetchmany diff OLD.jsonl NEW.jsonl [options]'],
  intro:
    'Compare two recorded runs and list what differs: URLs that newly fail, were fixed, have another status or other content, are much slower, or were added or removed. Content is compared by SHA-256 where both runs have it (--save, --hash), else by the bodies in both files (--include-body), else by length. Order does not matter.',
  flags: diffFlags,
  notes: [
    ['Exit status', '0    no difference', '1    some differences', ...exitStatusLines([2, 3, 4, 5])],
    [
      'Examples',
      'fetchmany diff monday.jsonl tuesday.jsonl',
      'fetchmany diff monday.jsonl tuesday.jsonl -o changes.html',
      "fetchmany diff old.jsonl new.jsonl --format json | jq -r '.[].url'",
    ],
  ],
};
