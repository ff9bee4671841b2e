import { printable, printableJson } from '../../src/text/printable.ts';
import { formatCount, formatDuration } from '../../src/text/quantity.ts';
import type { Difference } from '../../src/stats/run-diff.ts';

/** Turns differences into text. */
export interface DifferenceFormat {
  readonly head: string;
  readonly row: (difference: Difference) => string;
  readonly tail: string;
}

/** Creates the text format: kind, what it was, what it is, and the URL. Of other content it shows the sizes. */
export function textDifferences(): DifferenceFormat {
  return {
    head: '',
    row(difference) {
      const { kind, method, url } = difference;
      const [old, fresh] = sidesOf(difference);
      const shown = method === 'GET' ? url : `${method} ${url}`;
      return `${kind.padEnd(8)} ${old.padStart(15)} -> ${fresh.padEnd(15)} ${printable(shown)}\n`;
    },
    tail: '',
  };
}

/** Creates the JSON format: one array, one difference per line. */
export function jsonDifferences(): DifferenceFormat {
  let separator = '\n';
  return {
    head: '[',
    row(difference) {
      const row = separator + printableJson(JSON.stringify(difference));
      separator = ',\n';
      return row;
    },
    tail: '\n]\n',
  };
}

function sidesOf(difference: Difference): [string, string] {
  const { kind, oldLabel = '-', newLabel = '-', oldMs = 0, newMs = 0, oldLength = 0, newLength = 0 } = difference;
  if (kind === 'slower') return [formatDuration(oldMs), formatDuration(newMs)];
  if (kind !== 'content') return [oldLabel, newLabel];
  return [`${formatCount(oldLength)} B`, oldLength === newLength ? 'other content' : `${formatCount(newLength)} B`];
}
