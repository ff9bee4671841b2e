import { expect, test } from 'vitest';
import { toRecord, type ResultRecord } from '../../src/http/record.ts';
import { modelReport } from '../../src/pages/model/report-model.ts';
import { renderReportPage } from '../../src/pages/report-page.ts';
import { madeRecords } from '../helpers/journal/made-records.ts';
import { cancelled, failure, response } from '../helpers/results.ts';

async function pageOf(records: readonly ResultRecord[], name = 'results.jsonl'): Promise<string> {
  async function* all(): AsyncGenerator<ResultRecord> {
    yield* records;
  }
  return renderReportPage(await modelReport(all()), name);
}

test('renderReportPage() references nothing to load, and forbids loading', async () => {
  const page = await pageOf(madeRecords(500));
  expect(page).toMatch(
    /<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'" \/>/,
  );
  expect(page).not.toMatch(/<(link|img|iframe|object|embed|base)\b|\bsrc=|@import|url\(|\sstyle=|\son\w+=/i);
});

test('renderReportPage() returns the same page for the same records', async () => {
  expect(await pageOf(madeRecords(300))).toBe(await pageOf(madeRecords(300)));
});

test('renderReportPage() escapes its name, hosts, codes and messages', async () => {
  const hostile = '</script><script>alert(1)</script>';
  const records = [
    toRecord(failure(`<b>${hostile}` as 'TIMEOUT', { url: `https://a.example/${hostile}\u2028\u202e` })),
    toRecord(response({ index: 1, url: hostile, method: hostile })),
  ];
  const page = await pageOf(records, `${hostile}\u202e.jsonl`);
  expect(page.match(/<script/g)).toHaveLength(2);
  expect(page).not.toMatch(/[\u2028\u202e]|<b>&|alert\(1\)<\/script>/);
  expect(page).toContain('&#60;/script&#62;');
});

test.each<[string, ResultRecord[], RegExp, RegExp]>([
  ['no records', [], /No records\./, /NaN|Infinity|id="timeline"/],
  [
    'a request never sent',
    [toRecord(cancelled())],
    /1 request to 1 host, none of them sent\./,
    /NaN|Infinity|id="timeline"/,
  ],
  ['one response', [toRecord(response({ elapsedMs: 0 }))], /<p class="muted">1 request\.<\/p>/, /NaN|Infinity/],
  ['one failure without a phase', [toRecord(failure())], /CONNECT_REFUSED/, /NaN|Infinity|Where the time went/],
])('renderReportPage() renders a page of %s', async (_, records, wanted, unwanted) => {
  const page = (await pageOf(records)).replace(/<script[\s\S]*/, '');
  expect(page).toMatch(wanted);
  expect(page).not.toMatch(unwanted);
});
