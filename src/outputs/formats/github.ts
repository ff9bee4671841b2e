import { label } from '../../http/result.ts';
import { formatCount } from '../../text/quantity.ts';
import { printable } from '../../text/printable.ts';
import type { Format } from './format.ts';
import { reasonOf, type Expected } from './reason.ts';

/** GitHub shows ten annotations of a step. The last one says how many more there are. */
const maxAnnotations = 9;

/** Creates the format of annotations for a GitHub workflow: an error for each of the first nine results that are not ok. */
export function github({ expected }: { readonly expected?: Expected } = {}): Format {
  let failures = 0;
  return {
    row(result) {
      if (result.ok) return '';
      failures += 1;
      if (failures > maxAnnotations) return '';
      return annotation(`fetchmany: ${label(result)}`, `${printable(result.url)}: ${reasonOf(result, expected)}`);
    },
    tail() {
      const more = failures - maxAnnotations;
      return more > 0 ? annotation('fetchmany', `and ${formatCount(more)} more that are not ok`) : '';
    },
  };
}

function annotation(title: string, message: string): string {
  return `::error title=${escapeProperty(title)}::${escapeData(message)}\n`;
}

/** The escapes of workflow commands. */
function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
