import type { ResultRecord } from '../../src/http/record.ts';
import { modelReport } from '../../src/pages/model/report-model.ts';
import { renderReportPage } from '../../src/pages/report-page.ts';
import { writePage } from '../rows/write-page.ts';

/** How a report is written. */
export interface ReportHtmlOptions {
  /** What the page calls the records, such as the name of their file. */
  readonly name: string;
  /** Whether a file that holds something may be replaced. @default false */
  readonly overwrite?: boolean;
}

/**
 * Reads all records, in bounded memory, and writes the page of them. Rejects with an `OutputError` if it cannot be written:
 * whether it can be opened is known before the first record is read.
 */
export function writeReportHtml(
  records: AsyncIterable<ResultRecord>,
  path: string,
  { name, overwrite = false }: ReportHtmlOptions,
): Promise<void> {
  return writePage(path, { overwrite }, async () => renderReportPage(await modelReport(records), name));
}
