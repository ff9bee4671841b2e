import { label, type FetchResult } from '../../http/result.ts';
import type { ResultRecord } from '../../http/record.ts';
import { printable } from '../../text/printable.ts';
import { bytes, formatCount, formatDuration } from '../../text/quantity.ts';
import type { Format } from './format.ts';
import { reasonOf, type Expected } from './reason.ts';

/** The summary of a GitHub step has room for 1 MiB. Rows beyond this are counted. */
const maxBytes = 1_000_000;

/** Creates the format of a Markdown table, for step summaries and issues. */
export function markdown({ expected }: { readonly expected?: Expected } = {}): Format {
  let left = maxBytes;
  let leftOut = 0;
  return {
    head: () => '| Status | Size | Time | URL | Note |\n| --- | --: | --: | --- | --- |\n',
    row(result) {
      const row = `| ${cellsOf(result, expected).map(escape).join(' | ')} |\n`;
      left -= Buffer.byteLength(row);
      if (left >= 0) return row;
      leftOut += 1;
      return '';
    },
    tail: () => (leftOut > 0 ? `\n${formatCount(leftOut)} more left out.\n` : ''),
  };
}

function cellsOf(result: FetchResult | ResultRecord, expected: Expected | undefined): string[] {
  const { url, elapsedMs } = result;
  const size = result.kind === 'response' ? bytes(result.length) : '';
  const note = result.ok ? '' : reasonOf(result, expected);
  return [label(result), size, formatDuration(elapsedMs), printable(url), note];
}

/** Text from outside is neither markup, nor a link, nor the mention of a person. */
function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('#', '&#35;')
    .replaceAll('@', '&#64;')
    .replaceAll('://', '&#58;//')
    .replaceAll(/www\./gi, '$&&#8203;')
    .replaceAll(/[\\|`*_~[\]!]/g, '\\$&');
}
