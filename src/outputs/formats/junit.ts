import { hostOf } from '../../http/origin.ts';
import type { ResponseRecord, ResultRecord } from '../../http/record.ts';
import { label, type FetchResult, type ResponseResult } from '../../http/result.ts';
import type { Format } from './format.ts';
import { isStatusMissed, reasonOf, type Expected } from './reason.ts';

/**
 * Creates the format of a JUnit report, which CI systems show as tests: a case for each result, its host as the class. There are
 * no totals, which are optional: so the report needs no memory.
 */
export function junit({ expected }: { readonly expected?: Expected } = {}): Format {
  return {
    head: () => '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n<testsuite name="fetchmany">\n',
    row(result) {
      const { url, method, elapsedMs } = result;
      const name = method === 'GET' ? url : `${method} ${url}`;
      const seconds = (elapsedMs / 1000).toFixed(3);
      const start = `<testcase classname="${xml(hostOf(url) ?? 'no host')}" name="${xml(name)}" time="${seconds}"`;
      return result.ok ? `${start}/>\n` : `${start}>${verdict(result, expected)}</testcase>\n`;
    },
    tail: () => '</testsuite>\n</testsuites>\n',
  };
}

function verdict(result: FetchResult | ResultRecord, expected: Expected | undefined): string {
  const reason = xml(reasonOf(result, expected));
  if (result.kind === 'cancelled') return `<skipped message="${reason}"/>`;
  const type = result.kind === 'response' ? missedOf(result, expected) : label(result);
  return `<failure type="${xml(type)}" message="${reason}"/>`;
}

function missedOf(result: ResponseResult | ResponseRecord, expected: Expected | undefined): string {
  return isStatusMissed(result, expected) ? 'status' : (result.unexpected?.[0] ?? 'status');
}

/** Escapes text for an attribute. Characters that XML 1.0 has no place for are replaced. */
function xml(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(forbidden, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll(/[\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}

// oxlint-disable-next-line no-control-regex -- control characters are what this looks for
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;
